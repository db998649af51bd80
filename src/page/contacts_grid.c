/*
 * contacts_grid.c - all contacts (接触者) of a case in one table, as one needs them at the telephone: many rows are changed
 * and added at once, pasted from a spreadsheet, or made of the names of a household. One press saves all rows that were
 * touched, in one transaction. What cannot be read, or what somebody else changed meanwhile, is shown at its cell with
 * everything typed, and nothing is saved until it is settled.
 */
#include <string.h>

#include "base/crypt.h"
#include "base/date.h"
#include "base/publicid.h"
#include "base/text.h"
#include "core/contacts.h"
#include "page/contacts_grid.h"
#include "page/form_view.h"
#include "page/handlers.h"
#include "page/patient_head.h"

/* An empty grid with its usual columns. */
static struct grid *
new_grid(struct context *c)
{
    struct grid *g = ARENA_NEW(c->arena, struct grid);

    g->tab = dictionary_record_tab("contact");
    g->problem = g->read = g->names = g->pasted = g->pasted_read = "";
    g->names_day = date_slashed(c->arena, date_today());
    g->column_count = contact_column_count;
    memcpy(g->columns, contact_columns, contact_column_count * sizeof *contact_columns);
    return g;
}

/* Loads the record with what was asked for besides; answers and returns false when it may not be shown. */
static bool
open_grid(struct context *c, struct grid *g, struct record_more more[CONTACTS_MORE])
{
    if (!patient_open_with(c, CLASS_contacts, "contact_view", &g->record, more, CONTACTS_MORE))
        return false;
    g->rules = contacts_rules(c->arena, more[CONTACTS_RULES].rows);
    g->may_edit = rights_may_edit(g->record.rights, CLASS_contacts) && !g->record.sealed;
    return true;
}

/* A digest of cells, in the order of the columns: tells whether a row was touched without asking what it was before. */
static const char *
digest(struct context *c, const struct grid *g, const char *const *cells)
{
    struct buf all = buf_new(c->arena);

    for (size_t i = 0; i < g->column_count; i++)
        buf_printf(&all, "%s=%s\n", dictionary_items[g->columns[i]].name, cells[i]);
    return crypt_sha256(c->arena, buf_text(&all));
}

static const char *
digest_of_stored(struct context *c, const struct grid *g, const struct document *doc)
{
    const char *cells[CONTACT_SHEET_COLUMNS];

    for (size_t i = 0; i < g->column_count; i++)
        cells[i] = form_view_value(c->arena, doc, g->columns[i]);
    return digest(c, g, cells);
}

static void
add_fresh_rows(struct grid *g)
{
    for (int i = 0; i < GRID_FRESH_ROWS && g->count < GRID_MOST_ROWS; i++)
        g->rows[g->count++] = (struct grid_row){.seen = ""};
}

/* ---- the page ------------------------------------------------------------------------------------------------------ */

void
contacts_grid_show(struct context *c)
{
    struct grid *g = new_grid(c);
    struct desk desk = patient_desk(c);
    struct record_more more[CONTACTS_MORE];
    int64_t after = 0;

    text_to_int(request_query(c->request, "after"), 0, MOST_ENTRIES, &after);
    contacts_ask(c->arena, path_patient(c, 1), (int)after, more);
    if (!open_grid(c, g, more))
        return;
    const struct rows *rows = more[CONTACTS_ROWS].rows;
    for (size_t i = 0; i < rows_count(rows) && i < CONTACTS_PAGE; i++) {
        struct grid_row *row = &g->rows[g->count++];
        entries_from_row(&desk, g->record.patient_id, rows, i, &row->entry);
        row->old = row->entry.doc;
        row->seen = digest_of_stored(c, g, &row->old);
        g->next = row->entry.no;
    }
    if (rows_count(rows) <= CONTACTS_PAGE)
        g->next = 0;
    if (g->may_edit)
        add_fresh_rows(g);
    contacts_grid_send(c, g);
}

/* ---- what was posted ----------------------------------------------------------------------------------------------- */

static bool
is_column(const struct grid *g, int item)
{
    for (size_t i = 0; i < g->column_count; i++)
        if (g->columns[i] == item)
            return true;
    return false;
}

static void
add_column(struct grid *g, int item)
{
    if (!is_column(g, item) && g->column_count < CONTACT_SHEET_COLUMNS)
        g->columns[g->column_count++] = item;
}

static int64_t
posted_number(struct context *c, const char *name, size_t row, int64_t most)
{
    int64_t number = 0;

    text_to_int(request_value(c->request, contacts_grid_field(c, name, row)), 0, most, &number);
    return number;
}

/* The columns that the form had: the usual ones, and those that a sheet had brought. */
static void
read_columns(struct context *c, struct grid *g)
{
    const char *names = request_value(c->request, "columns");

    for (int i = 0; i < ITEM_COUNT; i++)
        if (dictionary_items[i].class == CLASS_contacts && dictionary_items[i].type != TYPE_choices &&
            text_has_word(names, dictionary_items[i].name))
            add_column(g, i);
}

/* The numbers of the stored contacts among the rows, as an array for the statement. */
static const char *
read_keys(struct context *c, struct grid *g)
{
    struct buf numbers = buf_new(c->arena);
    int64_t count = 0;

    text_to_int(request_value(c->request, "rows"), 0, GRID_MOST_ROWS, &count);
    g->count = (size_t)count;
    buf_add_char(&numbers, '{');
    for (size_t i = 0; i < g->count; i++) {
        struct tab_entry *entry = &g->rows[i].entry;
        entry->no = (int)posted_number(c, "no", i, MOST_ENTRIES);
        entry->version = (int)posted_number(c, "row_version", i, INT32_MAX);
        if (entry->no != 0)
            buf_printf(&numbers, "%s%d", numbers.size == 1 ? "" : ",", entry->no);
    }
    buf_add_char(&numbers, '}');
    return buf_text(&numbers);
}

/*
 * Puts what is stored under a row. A contact that was withdrawn meanwhile, or that this office does not see, becomes a new
 * row if something was typed; one that somebody changed clashes if both did.
 */
static void
set_stored(const struct desk *desk, struct grid *g, struct grid_row *row, const struct rows *rows)
{
    struct tab_entry stored;
    int version = row->entry.version;

    for (size_t i = 0; i < rows_count(rows); i++) {
        entries_from_row(desk, g->record.patient_id, rows, i, &stored);
        if (stored.no != row->entry.no || stored.withdrawn)
            continue;
        row->old = stored.doc;
        row->entry = stored;
        row->clashing = stored.version != version;
        return;
    }
    row->entry.no = row->entry.version = 0;
    row->message = "この行は、ほかの人が取り消しました。登録すると新しい行になります。";
}

static void
read_cells(struct context *c, struct grid *g, size_t number)
{
    struct grid_row *row = &g->rows[number];
    const char *cells[CONTACT_SHEET_COLUMNS];
    bool any = false;

    row->seen = request_value(c->request, contacts_grid_field(c, "seen", number));
    for (size_t i = 0; i < g->column_count; i++) {
        cells[i] = request_value(c->request,
                                 contacts_grid_field(c, dictionary_items[g->columns[i]].name, number));
        any = any || text_trim(c->arena, cells[i])[0] != '\0';
    }
    row->touched = row->seen[0] == '\0' ? any : strcmp(row->seen, digest(c, g, cells)) != 0;
    if (!row->touched) {
        row->seen = row->entry.no == 0 ? "" : digest_of_stored(c, g, &row->old);
        row->clashing = false;
        row->message = NULL;
        return;
    }
    for (size_t i = 0; i < g->column_count; i++) {
        const char *message = NULL;
        if (!document_type_in(c->arena, &row->entry.doc, g->columns[i], cells[i], &message))
            problems_add(c->arena, &row->problems, g->columns[i], PROBLEM_UNREADABLE, message);
    }
    if (row->clashing) {
        row->seen = digest_of_stored(c, g, &row->old);
        row->message = "この行は、ほかの人が変更しました。両方の値を確かめて、残す値を入れてください。";
    }
}

/* What cannot be, of the columns that are shown. */
static void
check_row(struct context *c, const struct grid *g, struct grid_row *row)
{
    struct problems found = {0};

    document_check(c->arena, &row->entry.doc, (struct form_view){g->tab->form, false}, &found);
    for (size_t i = 0; i < found.count; i++)
        if (found.list[i].kind == PROBLEM_ERROR && is_column(g, found.list[i].item))
            problems_add(c->arena, &row->problems, found.list[i].item, PROBLEM_ERROR,
                         found.list[i].message);
    if (row->problems.count == 0)
        row->obstacle = entries_problem(c->arena, g->tab, &row->entry.doc);
}

/* Reads the posted rows over what is stored. */
static void
read_grid(struct context *c, struct grid *g, const struct rows *stored)
{
    struct desk desk = patient_desk(c);

    g->names = request_value(c->request, "names");
    g->names_day = request_value(c->request, "names_day");
    g->pasted = request_value(c->request, "pasted");
    if (g->pasted[0] != '\0')
        g->pasted_read = request_value(c->request, "pasted_read");
    for (size_t i = 0; i < g->count; i++) {
        if (g->rows[i].entry.no != 0)
            set_stored(&desk, g, &g->rows[i], stored);
        read_cells(c, g, i);
        if (g->rows[i].touched)
            check_row(c, g, &g->rows[i]);
    }
}

/* ---- pasting, a household ------------------------------------------------------------------------------------------ */

/* Drops the new rows in which nothing was typed, to make room. */
static void
drop_empty_rows(struct grid *g)
{
    size_t kept = 0;

    for (size_t i = 0; i < g->count; i++)
        if (g->rows[i].entry.no != 0 || g->rows[i].touched)
            g->rows[kept++] = g->rows[i];
    g->count = kept;
}

static struct grid_row *
add_row(struct grid *g, const struct document *doc, const struct problems *problems)
{
    if (g->count == GRID_MOST_ROWS)
        return NULL;
    g->rows[g->count] = (struct grid_row){.seen = "", .touched = true, .problems = *problems};
    g->rows[g->count].entry.doc = *doc;
    return &g->rows[g->count++];
}

/* What tells a pasted text from another; "" when nothing was pasted. */
static const char *
digest_of_pasted(struct context *c, const struct grid *g)
{
    const char *pasted = text_trim(c->arena, g->pasted);

    return pasted[0] == '\0' ? "" : crypt_sha256(c->arena, pasted);
}

/* What became of a sheet, in words. */
static const char *
sheet_words(struct context *c, const struct contact_sheet *sheet, size_t taken, size_t wrong)
{
    bool all = sheet->left_out == 0 && taken == sheet->count;

    return text_format(
        c->arena, "%zu行を読み取りました%s。確かめて「登録する」を押してください。%s%s%s", taken,
        wrong == 0 ? "" : text_format(c->arena, "（%zu行に直すところがあります）", wrong),
        all ? "" : "一度に読み取れる行数を超えた行は、登録のあとでもう一度貼り付けてください。",
        sheet->unknown[0] == '\0' ? "" : "使わなかった列：", sheet->unknown);
}

/* The rows of a sheet behind those that are there; they are saved by the next press. */
static void
paste(struct context *c, struct grid *g)
{
    struct contact_sheet *sheet = ARENA_NEW(c->arena, struct contact_sheet);
    size_t taken = 0, wrong = 0;

    contact_sheet_read(c->arena, g->pasted, sheet);
    if (sheet->count == 0) {
        g->problem = "貼り付けた文字の中に、読み取れる行がありません。";
        return;
    }
    drop_empty_rows(g);
    for (size_t i = 0; i < sheet->column_count; i++)
        add_column(g, sheet->columns[i]);
    for (size_t i = 0; i < g->count; i++)
        if (g->rows[i].entry.no != 0) /* it is shown with more cells now */
            g->rows[i].seen = digest_of_stored(c, g, &g->rows[i].old);
    for (size_t i = 0; i < sheet->count; i++) {
        struct grid_row *row = add_row(g, &sheet->rows[i], &sheet->problems[i]);
        if (row == NULL)
            break;
        check_row(c, g, row);
        taken++;
        wrong += row->problems.count > 0 || row->obstacle != NULL;
    }
    g->read = sheet_words(c, sheet, taken, wrong);
    if (sheet->left_out == 0 && taken == sheet->count)
        g->pasted = "";
    g->pasted_read = digest_of_pasted(c, g);
}

/* What a household shares: address and telephone of the case, a close contact by living together, not reached yet. */
static struct document
member(struct context *c, const struct grid *g, const struct document *named, date_day last)
{
    const struct document *home = &g->record.doc;
    bool at_home = document_has(home, ITEM_home_address);
    struct document doc = *named;

    doc.value[ITEM_contact_relation] = "household";
    doc.value[ITEM_contact_close] = "yes";
    doc.value[ITEM_contact_reasons] = "living";
    doc.value[ITEM_contact_reached] = "not_yet";
    doc.value[ITEM_contact_last_on] = date_iso(c->arena, last);
    doc.value[ITEM_contact_address] = home->value[at_home ? ITEM_home_address : ITEM_stay_address];
    doc.value[ITEM_contact_phone] = home->value[ITEM_phone];
    return doc;
}

/* Adds the household (同居家族) to the rows. False, with the reason in g->problem, when that cannot be. */
static bool
add_household(struct context *c, struct grid *g)
{
    struct contact_sheet *sheet = ARENA_NEW(c->arena, struct contact_sheet);
    date_day last;

    contact_sheet_names(c->arena, g->names, sheet);
    bool good = date_parse(g->names_day, &last) == DATE_OK && last <= date_today();
    drop_empty_rows(g);
    for (size_t i = 0; i < sheet->count; i++)
        good = good && sheet->problems[i].count == 0;
    if (sheet->count == 0)
        g->problem = "同居のご家族の氏名を、1行に1人ずつ入力してください。";
    else if (!good)
        g->problem = "同居のご家族の氏名（80文字まで）と、最終接触日（今日まで）を確かめてください。";
    else if (sheet->unknown[0] != '\0')
        g->problem = text_format(c->arena, "1行に、1人の氏名とフリガナだけを入力してください。使わなかった列：%s", sheet->unknown);
    else if (sheet->left_out > 0 || g->count + sheet->count > GRID_MOST_ROWS)
        g->problem = "一度に登録できる行数を超えています。分けて登録してください。";
    if (g->problem[0] != '\0')
        return false;
    for (size_t i = 0; i < sheet->count; i++) {
        struct document doc = member(c, g, &sheet->rows[i], last);
        add_row(g, &doc, &sheet->problems[i]);
    }
    g->names = ""; /* they are rows now, whatever becomes of the others */
    return true;
}

/* ---- saving -------------------------------------------------------------------------------------------------------- */

/* Whether there is text below the table that is in none of its rows; pasted text is, once it was read as it stands there. */
static bool
left_in_boxes(struct context *c, const struct grid *g)
{
    return text_trim(c->arena, g->names)[0] != '\0' ||
           strcmp(digest_of_pasted(c, g), g->pasted_read) != 0;
}

/* What stands in the way of saving; NULL when nothing does. */
static const char *
obstacle(struct context *c, const struct grid *g)
{
    size_t touched = 0, wrong = 0, clashing = 0;

    for (size_t i = 0; i < g->count; i++) {
        touched += g->rows[i].touched;
        wrong += g->rows[i].touched && (g->rows[i].problems.count > 0 || g->rows[i].obstacle != NULL);
        clashing += g->rows[i].clashing || (g->rows[i].touched && g->rows[i].message != NULL);
    }
    if (left_in_boxes(c, g))
        return "「同居の家族」または「表計算ソフトから貼り付ける」の欄に、まだ表に入れていない文字があります。その欄のボタンを押すか、文字を消してから、もう一度押してください。";
    if (clashing > 0)
        return "この画面を開いたあとで、ほかの人が同じ行を変更しました。赤い枠の行を確かめて、もう一度押してください。";
    if (wrong > 0)
        return "赤い枠のところを直してください。まだ登録されていません。";
    return touched == 0 ? "入力された行がありません。" : NULL;
}

static enum notify_result
save_rows(struct context *c, struct grid *g)
{
    struct desk desk = patient_desk(c);
    struct entry_change changes[GRID_MOST_ROWS];
    size_t count = 0;

    for (size_t i = 0; i < g->count; i++) {
        struct grid_row *row = &g->rows[i];
        if (!row->touched)
            continue;
        document_prune(&row->entry.doc, g->tab->form);
        changes[count++] = (struct entry_change){&row->entry, &row->old};
    }
    return entries_save_all(&desk, &g->record, g->tab, changes, count);
}

/* Whether this very form was answered before; its rows have other versions since. */
static bool
answered_before(struct context *c)
{
    struct desk desk = patient_desk(c);
    int64_t patient;
    int no;

    return desk.form_id != NULL &&
           notification_receipt(&desk, desk.form_id, &patient, &no) == NOTIFY_OK;
}

static void
save(struct context *c, struct grid *g)
{
    const char *problem = obstacle(c, g);

    if (problem != NULL && answered_before(c)) {
        page_redirect_with(c, contacts_grid_path(c, g), "entry");
        return;
    }
    if (problem == NULL) {
        enum notify_result result = save_rows(c, g);
        if (result != NOTIFY_CONFLICT) {
            patient_conclude(c, result, contacts_grid_path(c, g), "entry");
            return;
        }
        problem = patient_changed_meanwhile;
    }
    g->problem = problem;
    add_fresh_rows(g);
    contacts_grid_send(c, g);
}

void
contacts_grid_post(struct context *c)
{
    struct grid *g = new_grid(c);
    struct record_more more[CONTACTS_MORE];
    const char *action = request_value(c->request, "action");

    read_columns(c, g);
    contacts_ask_some(c->arena, path_patient(c, 1), read_keys(c, g), more);
    if (!open_grid(c, g, more) || !patient_may_edit(c, &g->record, CLASS_contacts))
        return;
    read_grid(c, g, more[CONTACTS_ROWS].rows);
    if (strcmp(action, "more") == 0)
        add_fresh_rows(g);
    else if (strcmp(action, "paste") == 0)
        paste(c, g);
    else if (strcmp(action, "household") != 0 || add_household(c, g)) {
        save(c, g);
        return;
    }
    contacts_grid_send(c, g);
}
