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
