/* handlers.h - the handlers that the route table names, by the file that holds them. */
#ifndef HERSYS_PAGE_HANDLERS_H
#define HERSYS_PAGE_HANDLERS_H

#include "page/page.h"

/* sign_in.c */
void sign_in_show(struct context *c);
void sign_in_post(struct context *c);
void sign_in_password_show(struct context *c);
void sign_in_password_post(struct context *c);
void sign_in_second_show(struct context *c);
void sign_in_send_post(struct context *c);
void sign_in_code_post(struct context *c);
void sign_in_totp_post(struct context *c);
void sign_in_recovery_post(struct context *c);
void sign_in_passkey_post(struct context *c);
void sign_in_enrol_show(struct context *c);
void sign_in_enrol_phone_post(struct context *c);
void sign_in_enrol_code_post(struct context *c);
void sign_in_enrol_totp_post(struct context *c);
void sign_out_post(struct context *c);
void terms_show(struct context *c);
void terms_post(struct context *c);

/* me.c */
void me_show(struct context *c);
void me_phone_post(struct context *c);
void me_phone_confirm_post(struct context *c);
void me_phone_delete_post(struct context *c);
void me_totp_post(struct context *c);
void me_totp_delete_post(struct context *c);
void me_passkey_post(struct context *c);
void me_passkey_delete_post(struct context *c);
void me_recovery_post(struct context *c);
void me_password_post(struct context *c);
void me_sign_out_others_post(struct context *c);

/* notification_form.c */
void notification_new_show(struct context *c);
void notification_edit_show(struct context *c);
void notification_add_show(struct context *c);
void notification_post(struct context *c);
void notification_live_post(struct context *c);

/* draft.c */
void draft_show(struct context *c);
void drafts_show(struct context *c);
void draft_delete_post(struct context *c);
void template_delete_post(struct context *c);

/* patient.c */
void patient_show(struct context *c);
void patient_notification_show(struct context *c);
void patient_receipt_show(struct context *c);
void patient_confirm_post(struct context *c);
void patient_delete_show(struct context *c);
void patient_delete_post(struct context *c);
void patient_restore_post(struct context *c);

/* extract_form.c, extracts.c */
void extract_new_show(struct context *c);
void extract_report_post(struct context *c);
void extract_ask_post(struct context *c);
void extracts_show(struct context *c);
void extract_show(struct context *c);
void extract_decide_post(struct context *c);
void extract_forget_post(struct context *c);
void extract_file_post(struct context *c);

/* exports.c */
void exports_show(struct context *c);
void exports_log_show(struct context *c);
void export_choice_post(struct context *c);
void export_choice_delete_post(struct context *c);
void export_patients_post(struct context *c);

/* press.c */
void press_show(struct context *c);
void press_post(struct context *c);
void press_day_show(struct context *c);
void press_file_show(struct context *c);
void press_template_show(struct context *c);
void press_template_post(struct context *c);

/* cross.c */
void cross_show(struct context *c);
void cross_post(struct context *c);
void cross_file_post(struct context *c);

/* print.c */
void print_notification(struct context *c);
void print_receipt(struct context *c);

/* patient_tab.c */
void patient_tab_show(struct context *c);
void patient_entry_show(struct context *c);
void patient_entry_post(struct context *c);
void patient_entry_withdraw_post(struct context *c);
void clusters_show(struct context *c);
void cluster_new_show(struct context *c);
void cluster_new_post(struct context *c);
void cluster_show(struct context *c);
void cluster_edit_show(struct context *c);
void cluster_edit_post(struct context *c);
void cluster_member_post(struct context *c);
void cluster_member_remove_post(struct context *c);
void patient_cluster_post(struct context *c);
void patient_link_withdraw_post(struct context *c);
void patient_chain_show(struct context *c);
void patient_chain_data(struct context *c);
void patient_timeline_show(struct context *c);

/* completeness.c */
void completeness_show(struct context *c);
void completeness_post(struct context *c);
void completeness_centre_show(struct context *c);
void completeness_list_show(struct context *c);

/* figures.c, figures_list.c, figures_difference.c, figures_published.c */
void figures_show(struct context *c);
void figures_file_show(struct context *c);
void figures_difference_file_show(struct context *c);
void figures_list_show(struct context *c);
void figures_difference_show(struct context *c);
void figures_missing_show(struct context *c);
void figures_inquiries_show(struct context *c);
void figures_inquiry_post(struct context *c);
void figures_published_show(struct context *c);
void figures_published_post(struct context *c);

/* editions.c */
void editions_show(struct context *c);
void editions_post(struct context *c);
void editions_time_post(struct context *c);
void edition_show(struct context *c);

/* daily.c */
void daily_show(struct context *c);
void daily_post(struct context *c);
void daily_day_show(struct context *c);
void daily_other_show(struct context *c);
void daily_table_csv(struct context *c);
void daily_area_show(struct context *c);

/* data.c */
void data_show(struct context *c);
void data_indicator_show(struct context *c);

/* data_files.c */
void data_file_show(struct context *c);
void data_long_show(struct context *c);
void data_api_show(struct context *c);
void data_corrections_show(struct context *c);

/* data_extra.c */
void data_difference_show(struct context *c);

/* data_edition.c */
void data_edition_show(struct context *c);
void data_edition_file_show(struct context *c);

/* signals.c */
void signals_show(struct context *c);
void signals_post(struct context *c);

/* closing.c */
void closing_show(struct context *c);
void closing_post(struct context *c);
void closing_undo_post(struct context *c);

/* contacts_grid.c, contacts.c */
void contacts_grid_show(struct context *c);
void contacts_grid_post(struct context *c);
void contacts_show(struct context *c);
void contacts_post(struct context *c);

/* follow.c, patient_follow.c, follow_rules.c, care_rules.c */
void follow_show(struct context *c);
void follow_section_show(struct context *c);
void follow_post(struct context *c);
void patient_follow_show(struct context *c);
void follow_rules_show(struct context *c);
void follow_rules_post(struct context *c);
void care_rules_show(struct context *c);
void care_rules_post(struct context *c);

/* patient_record.c */
void patient_status_show(struct context *c);
void patient_status_post(struct context *c);
void patient_status_withdraw_post(struct context *c);
void patient_assignment_show(struct context *c);
void patient_assignment_post(struct context *c);
void patient_handover_post(struct context *c);
void patient_handover_seen_post(struct context *c);
void patient_handover_end_post(struct context *c);
void handovers_show(struct context *c);
void patient_cocoa_show(struct context *c);
void patient_cocoa_post(struct context *c);
void cocoa_show(struct context *c);
void cocoa_post(struct context *c);
void patient_grant_post(struct context *c);
void patient_grant_change_post(struct context *c);
void emergency_show(struct context *c);
void emergency_post(struct context *c);
void patient_history_show(struct context *c);
void patient_viewers_show(struct context *c);

/* bulk.c */
void bulk_show(struct context *c);
void bulk_preview_post(struct context *c);
void bulk_post(struct context *c);
void bulk_batches_show(struct context *c);
void bulk_batch_show(struct context *c);
void bulk_undo_post(struct context *c);

/* patients.c */
void patients_show(struct context *c);
void patients_todo_show(struct context *c);
void search_show(struct context *c);
void search_post(struct context *c);
void sealed_show(struct context *c);
void viewers_show(struct context *c);

/* same.c */
void same_show(struct context *c);
void same_post(struct context *c);
void same_unlink_post(struct context *c);
void same_undo_post(struct context *c);

/* small.c */
void session_keep_post(struct context *c);
void past_post(struct context *c);

/* accounts.c, account.c, account_letter.c */
void accounts_show(struct context *c);
void account_new_show(struct context *c);
void account_new_post(struct context *c);
void account_show(struct context *c);
void account_post(struct context *c);
void account_reset_post(struct context *c);
void account_suspend_post(struct context *c);
void account_resume_post(struct context *c);
void account_hand_over_post(struct context *c);
void account_letter_show(struct context *c);
void account_letter_post(struct context *c);

/* organisations.c, jurisdiction.c */
void organisations_show(struct context *c);
void organisation_new_show(struct context *c);
void organisation_new_post(struct context *c);
void organisation_show(struct context *c);
void organisation_post(struct context *c);
void organisation_close_post(struct context *c);
void organisation_reopen_post(struct context *c);
void jurisdiction_show(struct context *c);
void jurisdiction_place_show(struct context *c);
void jurisdiction_place_post(struct context *c);

/* apply.c, applications.c */
void apply_show(struct context *c);
void apply_post(struct context *c);
void applications_show(struct context *c);
void application_approve_post(struct context *c);
void application_reject_post(struct context *c);

/* local_items.c, local_item_form.c */
void local_items_show(struct context *c);
void local_values_post(struct context *c);
void local_item_show(struct context *c);
void local_item_post(struct context *c);
void local_item_step_post(struct context *c);

/* papers.c, papers_batch.c, patient_papers.c */
void papers_show(struct context *c);
void papers_kind_show(struct context *c);
void papers_kind_post(struct context *c);
void papers_version_show(struct context *c);
void papers_preview_post(struct context *c);
void papers_issued_show(struct context *c);
void papers_batch_show(struct context *c);
void papers_batch_post(struct context *c);
void papers_batch_issue_post(struct context *c);
void patient_papers_show(struct context *c);
void patient_papers_post(struct context *c);
void patient_papers_issue_post(struct context *c);
void patient_papers_reprint_post(struct context *c);

/* gateway.c */
void gateway_report(struct context *c);
void telephone_turn(struct context *c);
void telephone_ended(struct context *c);
void telephone_in(struct context *c);
void gateway_received(struct context *c);
void gateway_mail_returned(struct context *c);

/* sending.c, undelivered.c */
void sending_show(struct context *c);
void sending_stop_post(struct context *c);
void sending_resume_post(struct context *c);
void sending_channel_show(struct context *c);
void sending_channel_post(struct context *c);
void undelivered_show(struct context *c);
void undelivered_post(struct context *c);

/* my.c, my_entry.c */
void my_show(struct context *c);
void my_link_show(struct context *c);
void my_link_post(struct context *c);
void my_people_show(struct context *c);
void my_add_show(struct context *c);
void my_add_post(struct context *c);
void my_leave_post(struct context *c);
void my_entry_show(struct context *c);
void my_entry_post(struct context *c);
void my_done_show(struct context *c);
void my_survey_show(struct context *c);
void my_survey_post(struct context *c);
void my_history_show(struct context *c);
void my_state_show(struct context *c);
void my_shell_show(struct context *c);

/* my_account.c */
void my_account_show(struct context *c);
void my_account_post(struct context *c);
void my_account_delete_post(struct context *c);
void my_mail_show(struct context *c);
void my_mail_post(struct context *c);
void my_code_show(struct context *c);
void my_code_post(struct context *c);

/* my_certificate.c */
void my_certificate_show(struct context *c);
void verify_show(struct context *c);
void verify_post(struct context *c);
void verify_code_show(struct context *c);

/* today.c */
void today_show(struct context *c);

/* draft.c: keeps a form that came too late; true when it was kept (or was no form of ours to keep). */
bool handle_expired_form(struct context *c);

#endif
