/* bulk_work.c - see bulk_work.h. */
#include "core/bulk_work.h"

#include <string.h>

#include "base/text.h"

const struct bulk_action bulk_actions[] = {
    {"status", "現在のステータスを登録する", TAB_record},
    {"confirm", "保健所確認済にする", TAB_confirmation},
    {"related", "関係保健所を加える", TAB_assignment},
    {"handover", "引継ぎを依頼する", TAB_assignment},
    {"release", "待機解除を登録する", TAB_release},
    {"release_notice", "解除のお知らせをSMSで送る", TAB_release},
    {"message", "お願いをSMSで送る", TAB_period},
};
const size_t bulk_action_count = sizeof bulk_actions / sizeof *bulk_actions;

const struct bulk_action *
bulk_action_find(const char *name)
{
    for (size_t i = 0; i < bulk_action_count; i++)
        if (text_same(bulk_actions[i].name, name))
            return &bulk_actions[i];
    return NULL;
}

bool
bulk_may(enum organisation_kind kind, const struct bulk_action *action)
{
    if (action != NULL)
        return rights_tab_mask(kind, action->tab, true) != 0;
    for (size_t i = 0; i < bulk_action_count; i++)
        if (bulk_may(kind, &bulk_actions[i]))
            return true;
    return false;
}

/* The relations with which the office may do it, by wall one. */
static const char *
mask(const struct desk *desk, const struct bulk_action *action)
{
    return db_int(desk->arena, rights_tab_mask(desk->session->kind, action->tab, true));
}

const char *
bulk_template(const struct bulk_action *action, const char *message)
{
    if (text_same(action->name, "release_notice"))
        return "tell_release_ja";
    if (text_same(action->name, "message") && text_same(message, "call"))
        return "tell_call_ja";
    return text_same(action->name, "message") ? "tell_entry_ja" : NULL;
}

unsigned
bulk_add_preview(struct db_batch *batch, const struct desk *desk, const struct bulk_order *order,
                 int show)
{
    struct arena *arena = desk->arena;

    return DB_ADD(batch, SQL_bulk_preview, order->action->name, order->choice, order->filter,
                  mask(desk, order->action), db_int(arena, BULK_MOST + 1),
                  db_int(arena, desk->session->organisation_id), db_int(arena, show));
}

enum notify_result
bulk_apply(const struct desk *desk, const struct bulk_order *order, const char *digest)
{
    struct db_batch *batch = db_batch(desk->db, desk->arena, desk->session->token);

    DB_ADD(batch, SQL_receipt_add, desk->form_id, "0", "0");
    DB_ADD(batch, SQL_bulk_apply, desk->form_id, order->action->name, order->choice, order->filter,
           mask(desk, order->action), digest, db_int(desk->arena, BULK_MOST));
    return notify_result_of(desk->db, db_run(batch));
}

enum notify_result
bulk_undo(const struct desk *desk, const char *bulk_id, const struct bulk_action *action)
{
    struct db_batch *batch = db_batch(desk->db, desk->arena, desk->session->token);

    if (desk->form_id != NULL)
        DB_ADD(batch, SQL_receipt_add, desk->form_id, "0", "0");
    DB_ADD(batch, SQL_bulk_undo, bulk_id, mask(desk, action));
    return notify_result_of(desk->db, db_run(batch));
}
