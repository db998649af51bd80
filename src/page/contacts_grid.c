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
#include "exchange/contact_sheet.h"
#include "page/form_view.h"
#include "page/handlers.h"
#include "page/patient_head.h"

enum {
    FRESH_ROWS = 10, /* empty ones at the end */
    MOST_ROWS = 2 * CONTACTS_PAGE + FRESH_ROWS,
    MOST_CONTACTS = 100000
};

struct grid_row {
    struct tab_entry entry;        /* as it is typed */
    struct document old;           /* as it is stored; empty for a new row */
    const char *seen;              /* digest of the cells when the row was shown */
    bool touched;                  /* the cells are not what was shown */
    bool clashing;                 /* somebody else changed it since; `old` is theirs */
    const char *message;           /* about the whole row */
    struct problems problems;
};

struct grid {
    struct record record;
    const struct record_tab *tab;
    bool may_edit;
    struct observation_rules rules;
    size_t column_count;
    int columns[CONTACT_SHEET_COLUMNS];
    size_t count;
    struct grid_row rows[MOST_ROWS];
    int next;                      /* number behind which the next page begins; 0: there is none */
    const char *problem, *read; /* what stands against saving; what was pasted */
    const char *names, *names_day, *pasted;
};

/* An empty grid with its usual columns. */
static struct grid *
new_grid(struct context *c)
{
    struct grid *g = ARENA_NEW(c->arena, struct grid);

    g->tab = dictionary_record_tab("contact");
    g->problem = g->read = g->names = g->pasted = "";
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

static const char *
grid_path(struct context *c, const struct grid *g)
{
    return patient_path(c, &g->record, "contacts");
}

/* "contact_name-3": the field of an item in row 3. */
static const char *
field_name(struct context *c, const char *name, size_t row)
{
    return text_format(c->arena, "%s-%zu", name, row);
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
    for (int i = 0; i < FRESH_ROWS && g->count < MOST_ROWS; i++)
        g->rows[g->count++] = (struct grid_row){.seen = ""};
}

/* ---- showing ------------------------------------------------------------------------------------------------------- */

static void
fill_options(struct view *cell, const struct document *doc, int item)
{
    const struct choice_list *list = &dictionary_lists[dictionary_items[item].list];

    view_list(cell, "options");
    for (int i = 0; i < list->count; i++) {
        struct view *option = view_row(cell, "options");
        view_text(option, "code", list->choices[i].code);
        view_text(option, "option_label", list->choices[i].label);
        view_flag(option, "checked", text_same(doc->value[item], list->choices[i].code));
    }
}

static void
fill_cell(struct context *c, struct view *row, const struct grid_row *r, size_t number, int item)
{
    const struct item *i = &dictionary_items[item];
    const struct document *doc = &r->entry.doc;
    const struct problem *problem = problems_of(&r->problems, item);
    const char *theirs = document_shown(c->arena, &r->old, item);
    bool differs = r->clashing && !text_same(doc->value[item], r->old.value[item]);
    struct view *cell = view_row(row, "cells");

    view_text(cell, "field_name", field_name(c, i->name, number));
    view_text(cell, "label", i->label);
    view_format(cell, "cell_label", "%s（%zu行目）", i->label, number + 1);
    view_text(cell, "value", form_view_value(c->arena, doc, item));
    view_text(cell, "shown", document_shown(c->arena, doc, item));
    view_text(cell, "width", i->name);
    view_flag(cell, "is_select", i->type == TYPE_choice);
    view_flag(cell, "is_long", i->type == TYPE_long_text);
    view_flag(cell, "is_input", i->type != TYPE_choice && i->type != TYPE_long_text);
    view_text(cell, "input_mode", i->type == TYPE_phone ? "tel" : i->type == TYPE_int ? "numeric" : "text");
    view_list(cell, "options");
    if (i->type == TYPE_choice)
        fill_options(cell, doc, item);
    view_text(cell, "message", problem == NULL ? "" : problem->message);
    view_flag(cell, "wrong", problem != NULL || differs);
    view_text(cell, "theirs", !differs ? "" : theirs[0] == '\0' ? "（空欄）" : theirs);
    view_text(cell, "note", "");
}

/* Until when the contact is observed, and why; below the cell of that date. */
static void
fill_observation(struct context *c, struct view *row, const struct grid *g, const struct grid_row *r)
{
    const char *reason;
    date_day until = contacts_observed_until(c->arena, g->rules, &r->entry.doc, &reason);

    view_text(row, "observed",
              until == DATE_NONE ? ""
                                 : text_format(c->arena, "%sまで：%s",
                                               date_slashed(c->arena, until), reason));
}

static void
fill_row(struct context *c, struct view *view, const struct grid *g, size_t number)
{
    const struct grid_row *r = &g->rows[number];
    struct view *row = view_row(view, "rows");
    const char *case_id = r->old.value[ITEM_contact_case_id];
    int64_t patient = text_empty(case_id) ? 0 : publicid_parse(case_id);
    bool stored = r->entry.no != 0;
    struct contact_key key = {g->record.patient_id, r->entry.no};

    view_format(row, "row_number", "%zu", number + 1);
    view_text(row, "no_name", field_name(c, "no", number));
    view_text(row, "no", db_int(c->arena, r->entry.no));
    view_text(row, "version_name", field_name(c, "row_version", number));
    view_text(row, "row_version", db_int(c->arena, r->entry.version));
    view_text(row, "seen_name", field_name(c, "seen", number));
    view_text(row, "seen", r->seen);
    view_text(row, "row_message", r->message == NULL ? "" : r->message);
    view_list(row, "cells");
    for (size_t i = 0; i < g->column_count; i++)
        fill_cell(c, row, r, number, g->columns[i]);
    fill_observation(c, row, g, r);
    view_flag(row, "stored", stored);
    /* On a phone, where a row fills the screen, three empty ones are enough until more are asked for. */
    view_flag(row, "spare", c->request->method == METHOD_GET && number >= 3 && !stored &&
                                g->rows[number - 3].entry.no == 0);
    view_flag(row, "may_edit", g->may_edit);
    view_text(row, "outcome", document_shown(c->arena, &r->old, ITEM_contact_outcome));
    view_text(row, "case_id", patient == 0 ? "" : publicid_hersys(c->arena, patient));
    view_text(row, "case_path",
              patient == 0 ? "/"
                           : text_format(c->arena, "/patient/%s",
                                         publicid_hersys_plain(c->arena, patient)));
    view_text(row, "entry_path",
              patient_path(c, &g->record, text_format(c->arena, "tab/contact/%d", r->entry.no)));
    view_flag(row, "may_promote", stored && g->may_edit && text_empty(case_id));
    view_text(row, "promote_path",
              text_format(c->arena, "/notification/new?contact=%s",
                          contacts_key_text(c->arena, key)));
}

static void
fill_columns(struct context *c, struct view *view, const struct grid *g)
{
    struct buf names = buf_new(c->arena);

    view_list(view, "columns");
    for (size_t i = 0; i < g->column_count; i++) {
        view_text(view_row(view, "columns"), "label", dictionary_items[g->columns[i]].label);
        buf_printf(&names, "%s%s", i == 0 ? "" : " ", dictionary_items[g->columns[i]].name);
    }
    view_text(view, "column_names", buf_text(&names));
}

static void
show_grid(struct context *c, const struct grid *g)
{
    struct view *view = patient_view(c, &g->record, "tab/contact");
    const struct observation_rule *rule = contacts_rule(g->rules, date_today());

    fill_columns(c, view, g);
    view_list(view, "rows");
    for (size_t i = 0; i < g->count; i++)
        fill_row(c, view, g, i);
    view_text(view, "row_count", db_int(c->arena, (int64_t)g->count));
    view_flag(view, "may_edit", g->may_edit);
    view_flag(view, "may_add", g->may_edit && g->count + FRESH_ROWS <= MOST_ROWS);
    view_text(view, "problem", g->problem);
    view_text(view, "read", g->read);
    view_text(view, "names", g->names);
    view_text(view, "names_day", g->names_day);
    view_text(view, "pasted", g->pasted);
    view_text(view, "rule",
              rule == NULL ? "" : text_format(c->arena, "最終接触日から%d日（%s）", rule->days, rule->notice));
    view_text(view, "grid_path", grid_path(c, g));
    view_text(view, "tab_path", patient_path(c, &g->record, "tab/contact"));
    view_text(view, "notices_path",
              rights_may_edit(g->record.rights, CLASS_papers) && !g->record.sealed
                  ? text_format(c->arena, "/papers/batch?contacts=%s",
                                publicid_hersys_plain(c->arena, g->record.patient_id))
                  : "");
    view_text(view, "next_path",
              g->next == 0 ? "" : text_format(c->arena, "%s?after=%d", grid_path(c, g), g->next));
    page_send(c, TEMPLATE_contacts_grid, view);
}

void
contacts_grid_show(struct context *c)
{
    struct grid *g = new_grid(c);
    struct desk desk = patient_desk(c);
    struct record_more more[CONTACTS_MORE];
    int64_t after = 0;

    text_to_int(request_query(c->request, "after"), 0, MOST_CONTACTS, &after);
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
    show_grid(c, g);
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

    text_to_int(request_value(c->request, field_name(c, name, row)), 0, most, &number);
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

    text_to_int(request_value(c->request, "rows"), 0, MOST_ROWS, &count);
    g->count = (size_t)count;
    buf_add_char(&numbers, '{');
    for (size_t i = 0; i < g->count; i++) {
        struct tab_entry *entry = &g->rows[i].entry;
        entry->no = (int)posted_number(c, "no", i, MOST_CONTACTS);
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

    row->seen = request_value(c->request, field_name(c, "seen", number));
    for (size_t i = 0; i < g->column_count; i++) {
        cells[i] = request_value(c->request,
                                 field_name(c, dictionary_items[g->columns[i]].name, number));
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
}

/* Reads the posted rows over what is stored. */
static void
read_grid(struct context *c, struct grid *g, const struct rows *stored)
{
    struct desk desk = patient_desk(c);

    g->names = request_value(c->request, "names");
    g->names_day = request_value(c->request, "names_day");
    g->pasted = request_value(c->request, "pasted");
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
    if (g->count == MOST_ROWS)
        return NULL;
    g->rows[g->count] = (struct grid_row){.seen = "", .touched = true, .problems = *problems};
    g->rows[g->count].entry.doc = *doc;
    return &g->rows[g->count++];
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
        wrong += row->problems.count > 0;
    }
    g->read = sheet_words(c, sheet, taken, wrong);
    if (sheet->left_out == 0 && taken == sheet->count)
        g->pasted = "";
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
    else if (sheet->left_out > 0 || g->count + sheet->count > MOST_ROWS)
        g->problem = "一度に登録できる行数を超えています。分けて登録してください。";
    else
        for (size_t i = 0; i < sheet->count; i++) {
            struct document doc = member(c, g, &sheet->rows[i], last);
            add_row(g, &doc, &sheet->problems[i]);
        }
    return g->problem[0] == '\0';
}

/* ---- saving -------------------------------------------------------------------------------------------------------- */

/* What stands in the way of saving; NULL when nothing does. */
static const char *
obstacle(const struct grid *g)
{
    size_t touched = 0, wrong = 0, clashing = 0;

    for (size_t i = 0; i < g->count; i++) {
        touched += g->rows[i].touched;
        wrong += g->rows[i].touched && g->rows[i].problems.count > 0;
        clashing += g->rows[i].clashing || (g->rows[i].touched && g->rows[i].message != NULL);
    }
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
    struct entry_change changes[MOST_ROWS];
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
    const char *problem = obstacle(g);

    if (problem != NULL && answered_before(c)) {
        page_redirect_with(c, grid_path(c, g), "entry");
        return;
    }
    if (problem == NULL) {
        enum notify_result result = save_rows(c, g);
        if (result != NOTIFY_CONFLICT) {
            patient_conclude(c, result, grid_path(c, g), "entry");
            return;
        }
        problem = patient_changed_meanwhile;
    }
    g->problem = problem;
    add_fresh_rows(g);
    show_grid(c, g);
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
    show_grid(c, g);
}
