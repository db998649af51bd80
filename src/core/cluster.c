/* cluster.c - see cluster.h. */
#include "core/cluster.h"

#include "base/text.h"
#include "core/audit.h"

static const char *
or_null(const char *text)
{
    return text_empty(text) ? NULL : text;
}

static struct db_batch *
begin(const struct desk *desk, int64_t patient_id)
{
    struct db_batch *batch = db_batch(desk->db, desk->arena, desk->session->token);

    if (desk->form_id != NULL)
        DB_ADD(batch, SQL_receipt_add, desk->form_id, db_int(desk->arena, patient_id), "0");
    return batch;
}

static enum notify_result
add(const struct desk *desk, const struct cluster *cluster, int64_t *cluster_id)
{
    struct db_batch *batch = begin(desk, 0);
    unsigned row = DB_ADD(batch, SQL_cluster_add, cluster->name, cluster->kind, cluster->place_name,
                          or_null(cluster->municipality_code), or_null(cluster->first_day),
                          or_null(cluster->ended_on), cluster->note);
    enum notify_result result = notify_result_of(desk->db, db_run(batch));
    *cluster_id = result == NOTIFY_OK ? rows_int(db_rows(batch, row), 0, "cluster_id") : 0;
    return result;
}

enum notify_result
cluster_save(const struct desk *desk, const struct cluster *cluster, const char *change,
             int64_t *cluster_id)
{
    struct arena *arena = desk->arena;
    const char *id = db_int(arena, cluster->cluster_id);

    if (cluster->cluster_id == 0)
        return add(desk, cluster, cluster_id);
    struct db_batch *batch = begin(desk, 0);
    DB_ADD(batch, SQL_cluster_bump, id, db_int(arena, cluster->version));
    DB_ADD(batch, SQL_cluster_save, id, cluster->name, cluster->kind, cluster->place_name,
           or_null(cluster->municipality_code), or_null(cluster->first_day),
           or_null(cluster->ended_on), cluster->note);
    DB_ADD(batch, SQL_cluster_revise, id, change, NULL);
    audit_patient(batch, arena, "cluster_change", 0, text_format(arena, "cluster %s", id));
    *cluster_id = cluster->cluster_id;
    return notify_result_of(desk->db, db_run(batch));
}

/* What happened to a member: in the history, as what follows upon the member's number, and in the trail. */
static void
add_member_change(struct db_batch *batch, const struct desk *desk, const char *cluster, int64_t patient_id,
                  const char *change, const char *action)
{
    DB_ADD(batch, SQL_cluster_revise, cluster, change,
           patient_id == 0 ? NULL : db_int(desk->arena, patient_id));
    audit_patient(batch, desk->arena, action, patient_id,
                  text_format(desk->arena, "cluster %s", cluster));
}

enum notify_result
cluster_add_member(const struct desk *desk, int64_t cluster_id, int64_t patient_id, const char *role)
{
    struct arena *arena = desk->arena;
    const char *id = db_int(arena, cluster_id);
    struct db_batch *batch = begin(desk, patient_id);

    DB_ADD(batch, SQL_cluster_bump, id, NULL);
    DB_ADD(batch, SQL_cluster_member_add, id, db_int(arena, patient_id), role);
    add_member_change(batch, desk, id, patient_id,
                      text_format(arena, "を加えました（%s）。", dictionary_label(LIST_cluster_role, role)),
                      "cluster_member_add");
    enum db_status status = db_run(batch);
    if (status == DB_DUPLICATE && db_last_statement(desk->db) == SQL_cluster_member_add)
        return NOTIFY_REPEATED;
    return notify_result_of(desk->db, status);
}

enum notify_result
cluster_remove_member(const struct desk *desk, int64_t cluster_id, int member_no, int64_t patient_id)
{
    const char *id = db_int(desk->arena, cluster_id);
    struct db_batch *batch = begin(desk, patient_id);

    DB_ADD(batch, SQL_cluster_bump, id, NULL);
    DB_ADD(batch, SQL_cluster_member_remove, id, db_int(desk->arena, member_no));
    add_member_change(batch, desk, id, patient_id, "を外しました。", "cluster_member_remove");
    return notify_result_of(desk->db, db_run(batch));
}
