/*
 * entry.h - a notification while it is being written: what the browser posted, read into a document and completed by
 * what the server knows (form version, municipalities, competent centre). Shared by the form, its live answers and
 * the drafts.
 */
#ifndef HERSYS_PAGE_ENTRY_H
#define HERSYS_PAGE_ENTRY_H

#include "core/contacts.h"
#include "page/page.h"

enum entry_kind { ENTRY_new, ENTRY_edit, ENTRY_add };

struct entry {
    enum entry_kind kind;
    const char *draft_id;
    int64_t patient_id; /* 0 for a new patient */
    int no;
    int base_version;
    struct form_view form;
    bool deemed;
    bool notice_url; /* My HER-SYS URL通知 する */
    struct document doc;
    struct problems problems; /* unreadable values first; filled up by entry_complete */
    bool reshaped;            /* the diagnosis date asks for another version than the form had */
    struct contact_key contact; /* of another case, who is reported here */
    int64_t centre_id;        /* that receives it; 0 when none is competent */
    const char *centre_name;
    struct record record; /* for edit and add */
};

/* The desk of a request, for core functions about patients. */
struct desk entry_desk(struct context *c);

/* A fresh entry with today's date, the doctor and the institution filled in. */
void entry_begin(struct context *c, struct entry *entry);

/* Reads a posted or saved form. 0, or -1 when it is not one of ours. Does not touch the database. */
int entry_read(struct context *c, const struct form *form, struct entry *entry);

/* For edit and add: loads the record and takes from it what the form did not ask. */
enum record_result entry_load_record(struct context *c, struct entry *entry, const struct form *form);

/* Completes the entry (one round trip) and checks it. */
enum db_status entry_complete(struct context *c, struct entry *entry);

/*
 * Whatever is missing is work for later, never a wall (seed 3 Q23), with one exception: a form that says nothing at all
 * about whom it reports gets an error.
 */
void entry_require(struct context *c, struct entry *entry);

/* The entry as the values of its form's hidden fields, for saving. */
const char *entry_kind_name(enum entry_kind kind);

/* A title for the list of drafts: the name typed, or how far it is. */
const char *entry_title(struct arena *arena, const struct entry *entry);

/* みなし陽性: fills the その他 values and 臨床診断 (seed 3 Q17). */
void entry_fill_deemed(struct entry *entry);

/* ---- between the form's file and the drafts' ---- */

/* Shows the form as it is, with a word on what was saved (notification_form.c). */
void notification_form_show(struct context *c, struct entry *entry, const char *save_state);

/* Keeps the posted form as a draft, within a batch; the same and shows it again; or keeps it as a template (draft.c). */
void draft_add(struct db_batch *batch, struct context *c, const struct entry *entry);
void draft_save_and_show(struct context *c, struct entry *entry);
void template_save_and_show(struct context *c, struct entry *entry);

#endif
