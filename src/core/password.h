/*
 * password.h - which passwords are good enough. Length counts, kinds of characters do not; known passwords and their
 * look-alikes are refused, and the reason is given (NIST SP 800-63B, security.md 1.2).
 */
#ifndef HERSYS_CORE_PASSWORD_H
#define HERSYS_CORE_PASSWORD_H

#include "base/arena.h"

enum {
    PASSWORD_MIN = 13, /* 安全管理ガイドライン6.0 Q&A シQ-54: 13 and more need no rotation */
    PASSWORD_MAX = 256
};

/* What is wrong with a password. */
enum password_flaw {
    PASSWORD_FINE,
    PASSWORD_SHORT,
    PASSWORD_LONG,
    PASSWORD_REPEATED, /* few different characters */
    PASSWORD_SEQUENCE, /* 123456 */
    PASSWORD_KNOWN,    /* on the list, or like it */
    PASSWORD_NAMED     /* mostly the login or a name */
};

/*
 * `known_path` is the list of known passwords, one a line in lower case; `login` and `names` (blank-separated) must not be its main
 * part.
 */
enum password_flaw password_flaw(struct arena *arena, const char *known_path, const char *password, const char *login,
                                 const char *names);

/* The same in Japanese, for staff; NULL when the password may be used. */
const char *password_problem(struct arena *arena, const char *known_path, const char *password,
                             const char *login, const char *names);

/* A first password: four groups of four characters that nobody confuses. */
char *password_initial(struct arena *arena);

/*
 * A first password or recovery code as it is hashed, out of what a person typed from paper: upper case, without
 * hyphens and blanks, O as 0, I and L as 1.
 */
char *password_from_paper(struct arena *arena, const char *typed);

#endif
