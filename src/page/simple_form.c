/* simple_form.c - see simple_form.h. */
#include "page/simple_form.h"

#include <string.h>

#include "base/jtext.h"
#include "base/text.h"

enum { DEFAULT_MAX = 200, EMAIL_MAX = 254 /* RFC 5321 */ };

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static bool
is_option(const struct field_option *options, const char *value)
{
    for (; options->value != NULL; options++)
        if (strcmp(options->value, value) == 0)
            return true;
    return false;
}

static const char *
problem_of(struct arena *arena, const struct field *field, const struct answer *answer)
{
    size_t max = field->max == 0 ? DEFAULT_MAX : (size_t)field->max;
    bool chosen = field->kind == FIELD_RADIO;
    bool empty = text_trim(arena, answer->typed)[0] == '\0';

    if (empty && field->required)
        return text_format(arena, chosen ? "%sを選んでください。" : "%sを入力してください。",
                           field->label);
    if (text_length(answer->typed) > max)
        return text_format(arena, "%sは%zu文字以内で入力してください。", field->label, max);
    if (!empty && chosen &&
        !is_option(answer->options != NULL ? answer->options : field->options, answer->typed))
        return text_format(arena, "%sを選び直してください。", field->label);
    if (!empty && answer->value == NULL)
        return field->unreadable;
    return NULL;
}

size_t
simple_form_read(struct context *c, size_t count, const struct field fields[], struct answer answers[])
{
    size_t problems = 0;

    for (size_t i = 0; i < count; i++) {
        struct answer *answer = &answers[i];
        answer->typed = answer->value = "";
        if (answer->hidden)
            continue;
        answer->typed = request_value(c->request, fields[i].name);
        const char *trimmed = text_trim(c->arena, answer->typed);
        answer->value = fields[i].read == NULL || trimmed[0] == '\0'
                            ? trimmed
                            : fields[i].read(c->arena, trimmed);
        answer->problem = problem_of(c->arena, &fields[i], answer);
        if (answer->value == NULL)
            answer->value = "";
        problems += answer->problem != NULL;
    }
    return problems;
}

void
simple_form_start(struct answer *answer, const char *value)
{
    answer->typed = answer->value = value == NULL ? "" : value;
}

const char *
simple_form_email(struct arena *arena, const char *typed)
{
    const char *email = jtext_narrow(arena, typed), *at = strchr(email, '@');
    bool plain = strlen(email) <= EMAIL_MAX;

    for (const char *p = email; *p != '\0'; p++)
        plain = plain && *p > ' ' && *p < 0x7F && strchr("()<>,;:\\\"[]", *p) == NULL;
    if (!plain || at == NULL || at == email || strchr(at + 1, '@') != NULL)
        return NULL;
    const char *dot = strchr(at + 1, '.');
    return dot != NULL && dot != at + 1 && !text_ends(email, ".") ? email : NULL;
}

const char *
simple_form_phone(struct arena *arena, const char *typed)
{
    const char *digits = jtext_phone_digits(arena, typed);
    size_t size = digits == NULL ? 0 : strlen(digits);

    return (size == 10 || size == 11) && digits[0] == '0' ? digits : NULL;
}

const char *
simple_form_postal(struct arena *arena, const char *typed)
{
    return jtext_postal_digits(arena, typed);
}

/* ---- showing ------------------------------------------------------------------------------------------------------- */

static void
fill_options(struct view *row, const struct field_option *options, const char *typed)
{
    for (; options->value != NULL; options++) {
        struct view *option = view_row(row, "options");
        view_text(option, "option_value", options->value);
        view_text(option, "option_label", options->label);
        view_flag(option, "option_chosen", strcmp(options->value, typed) == 0);
    }
}

static void
fill_field(struct view *row, const struct field *field, const struct answer *answer)
{
    const char *typed = answer->typed == NULL ? "" : answer->typed;

    view_flag(row, "is_text", field->kind == FIELD_TEXT);
    view_flag(row, "is_long", field->kind == FIELD_LONG);
    view_flag(row, "is_radio", field->kind == FIELD_RADIO);
    view_flag(row, "is_check", field->kind == FIELD_CHECK);
    view_text(row, "field_name", field->name);
    view_text(row, "field_label", field->label);
    view_text(row, "field_hint", field->hint);
    view_text(row, "field_type", field->type == NULL ? "text" : field->type);
    view_text(row, "field_autocomplete", field->autocomplete == NULL ? "off" : field->autocomplete);
    view_text(row, "field_css", field->css);
    view_text(row, "field_button", field->button);
    view_text(row, "button_name", field->button_name);
    view_text(row, "field_typed", typed);
    view_text(row, "field_problem", answer->problem);
    view_flag(row, "field_required", field->required);
    view_flag(row, "field_focus", answer->focus);
    view_flag(row, "field_described", field->hint != NULL || answer->problem != NULL);
    view_list(row, "options");
    if (field->kind == FIELD_RADIO)
        fill_options(row, answer->options != NULL ? answer->options : field->options, typed);
}

void
simple_form_fill(struct view *view, size_t count, const struct field fields[],
            const struct answer answers[])
{
    view_list(view, "fields");
    view_list(view, "errors");
    for (size_t i = 0; i < count; i++) {
        if (answers[i].hidden)
            continue;
        fill_field(view_row(view, "fields"), &fields[i], &answers[i]);
        if (answers[i].problem == NULL)
            continue;
        view_flag(view, "has_errors", true);
        struct view *row = view_row(view, "errors");
        view_text(row, "error_field", fields[i].name);
        view_text(row, "error_words", answers[i].problem);
    }
}
