/* patient_head.h - what stands at the top of every page of a patient: who it is, and the tabs that may be opened. */
#ifndef HERSYS_PAGE_PATIENT_HEAD_H
#define HERSYS_PAGE_PATIENT_HEAD_H

#include "core/notification.h"
#include "page/page.h"

/*
 * Loads the patient of the path with notification `no` (0: the newest) and checks the right to the tab's class; answers
 * and returns false when it may not be shown.
 */
bool patient_open(struct context *c, int no, enum item_class class, const char *action,
                  struct record *record);

/* The same for the newest notification, with what else the page needs in the same round trip. */
bool patient_open_with(struct context *c, enum item_class class, const char *action,
                       struct record *record, struct record_more *more, size_t count);

/* The same for the notification whose number stands in the path. */
bool patient_open_notification(struct context *c, enum item_class class, const char *action,
                               struct record *record);

/* Whether a class may be edited here and now; answers with whom to ask when not. */
bool patient_may_edit(struct context *c, const struct record *record, enum item_class class);

/* What core functions need of the request, with the id of the form that was posted. */
struct desk patient_desk(struct context *c);

/* Whether the posted form was made from the record as it is, by its hidden version (templates/form_guard.html). */
enum notify_result patient_ready(struct context *c, const struct record *record);

/* What a form says that is shown again, with everything typed, because the record changed after it was opened. */
extern const char patient_changed_meanwhile[];

/* Answers a form: on to `path` with a notice, also when it was pressed twice, or what stands against it. */
void patient_conclude(struct context *c, enum notify_result result, const char *path,
                      const char *notice);

/* 提出日 of the notification's 診断分類 as it is shown; "" when it is not known. */
const char *patient_submitted(const struct record *record);

/* A page of this patient with the head filled in; `tab` is the path's last part, "" for the notification. */
struct view *patient_view(struct context *c, const struct record *record, const char *tab);

/* Who else has the record open (record.presence), for templates/presence.html; NULL: a record that is none yet. */
void patient_fill_presence(struct view *view, const struct rows *presence);

/* "/patient/12345678901", and below it. */
const char *patient_path(struct context *c, const struct record *record, const char *below);
const char *notification_path(struct context *c, const struct record *record, const char *below);

/* "山田　太郎" as far as it may be seen; 「氏名なし」 otherwise. */
const char *patient_name(struct context *c, const struct record *record);

#endif
