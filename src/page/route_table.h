/*
 * route_table.h - every address: included by routes.c inside the table. One line each, grouped by screen.
 * No include guard on purpose.
 */

/* sign-in and one's own account */
GET("/sign-in", door, OPEN, sign_in_show),
POST("/sign-in", door, OPEN, sign_in_post),
GET("/sign-in/password", door, OPEN, sign_in_password_show),
POST("/sign-in/password", door, OPEN, sign_in_password_post),
GET("/sign-in/second", door, OPEN, sign_in_second_show),
POST("/sign-in/send", door, OPEN, sign_in_send_post),
POST("/sign-in/code", door, OPEN, sign_in_code_post),
POST("/sign-in/totp", door, OPEN, sign_in_totp_post),
POST("/sign-in/recovery", door, OPEN, sign_in_recovery_post),
POST("/sign-in/passkey", door, OPEN, sign_in_passkey_post),
GET("/sign-in/enrol", door, OPEN, sign_in_enrol_show),
POST("/sign-in/enrol/phone", door, OPEN, sign_in_enrol_phone_post),
POST("/sign-in/enrol/code", door, OPEN, sign_in_enrol_code_post),
POST("/sign-in/enrol/totp", door, OPEN, sign_in_enrol_totp_post),
POST("/sign-out", door, SIGNED_IN, sign_out_post),
GET("/terms", door, SIGNED_IN, terms_show),
POST("/terms", door, SIGNED_IN, terms_post),
GET("/me", door, SIGNED_IN, me_show),
POST("/me/phone", door, SIGNED_IN, me_phone_post),
POST("/me/phone/confirm", door, SIGNED_IN, me_phone_confirm_post),
POST("/me/phone/delete", door, SIGNED_IN, me_phone_delete_post),
POST("/me/totp", door, SIGNED_IN, me_totp_post),
POST("/me/totp/delete", door, SIGNED_IN, me_totp_delete_post),
POST("/me/passkey", door, SIGNED_IN, me_passkey_post),
POST("/me/passkey/delete", door, SIGNED_IN, me_passkey_delete_post),
POST("/me/recovery", door, SIGNED_IN, me_recovery_post),
POST("/me/password", door, SIGNED_IN, me_password_post),
POST("/me/sign-out-others", door, SIGNED_IN, me_sign_out_others_post),

/* the page of the day */
GET("/", staff, SIGNED_IN, today_show),
POST("/session/keep", staff, SIGNED_IN, session_keep_post),
POST("/past", staff, SIGNED_IN, past_post),

/* writing a notification */
GET("/notification/new", staff, SIGNED_IN, notification_new_show),
POST("/notification", staff, SIGNED_IN, notification_post),
POST("/notification/live", staff, SIGNED_IN, notification_live_post),
GET("/drafts", staff, SIGNED_IN, drafts_show),
GET("/draft/:id", staff, SIGNED_IN, draft_show),
POST("/draft/delete", staff, SIGNED_IN, draft_delete_post),
POST("/template/delete", staff, SIGNED_IN, template_delete_post),

/* lists */
GET("/patients", staff, SIGNED_IN, patients_show),
GET("/todo/:kind", staff, SIGNED_IN, patients_todo_show),
GET("/search", staff, SIGNED_IN, search_show),
POST("/search", staff, SIGNED_IN, search_post),
GET("/sealed", staff, SIGNED_IN, sealed_show),
GET("/viewers", staff, SIGNED_IN, viewers_show),

/* a patient */
GET("/patient/:id", staff, SIGNED_IN, patient_show),
GET("/patient/:id/status", staff, SIGNED_IN, patient_status_show),
POST("/patient/:id/status", staff, SIGNED_IN, patient_status_post),
POST("/patient/:id/status/withdraw", staff, SIGNED_IN, patient_status_withdraw_post),
GET("/patient/:id/assignment", staff, SIGNED_IN, patient_assignment_show),
POST("/patient/:id/assignment", staff, SIGNED_IN, patient_assignment_post),
GET("/patient/:id/history", staff, SIGNED_IN, patient_history_show),
GET("/patient/:id/viewers", staff, SIGNED_IN, patient_viewers_show),
GET("/patient/:id/notification/:no", staff, SIGNED_IN, patient_notification_show),
GET("/patient/:id/notification/:no/edit", staff, SIGNED_IN, notification_edit_show),
GET("/patient/:id/notification/:no/add", staff, SIGNED_IN, notification_add_show),
GET("/patient/:id/notification/:no/receipt", staff, SIGNED_IN, patient_receipt_show),
POST("/patient/:id/notification/:no/confirm", staff, SIGNED_IN, patient_confirm_post),
GET("/patient/:id/notification/:no/delete", staff, SIGNED_IN, patient_delete_show),
POST("/patient/:id/notification/:no/delete", staff, SIGNED_IN, patient_delete_post),
POST("/patient/:id/notification/:no/restore", staff, SIGNED_IN, patient_restore_post),
