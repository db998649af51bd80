/* history.c - see history.h. */
#include "core/history.h"

#include <jansson.h>

#include "base/date.h"
#include "base/text.h"
#include "dictionary/dictionary.h"

static const char *
member(struct arena *arena, const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));

    return text == NULL ? "" : text_copy(arena, text);
}

const char *
history_status_line(struct arena *arena, const char *text)
{
    json_t *json = json_loads(text, 0, NULL);
    const char *status = member(arena, json, "status"), *since = member(arena, json, "since");

    json_decref(json);
    if (status[0] == '\0')
        return "";
    return text_format(arena, "%s（%sから）", dictionary_label(LIST_status, status),
                       date_slashed(arena, date_from_iso(since)));
}

const char *
history_assignment_line(struct arena *arena, const char *text)
{
    json_t *json = json_loads(text, 0, NULL);
    const char *responsible = member(arena, json, "responsible");
    const char *related = member(arena, json, "related");

    json_decref(json);
    if (related[0] == '\0')
        return text_format(arena, "担当：%s", responsible);
    return text_format(arena, "担当：%s　関係：%s", responsible, related);
}
