/* routes.c - see routes.h. */
#include "page/routes.h"

#include <string.h>

#include "base/text.h"
#include "page/handlers.h"

/* Who may come through a route. */
enum need {
    OPEN,      /* everybody */
    GATEWAY,   /* no browser: the handler judges the secret in the address */
    SIGNED_IN, /* a live session */
    ISSUER     /* a session of an account that issues others */
};

struct route {
    enum method method;
    const char *pattern; /* parts that begin with ":" match anything */
    enum pool pool;
    enum need need;
    void (*handle)(struct context *c);
};

static const struct route routes[] = {
#define GET(pattern, pool, need, handle)  {METHOD_GET, pattern, POOL_##pool, need, handle}
#define POST(pattern, pool, need, handle) {METHOD_POST, pattern, POOL_##pool, need, handle}
#include "page/route_table.h"
#undef GET
#undef POST
};

const char *
routes_pool_name(enum pool pool)
{
    static const char *const names[POOL_COUNT] = {"staff", "door", "heavy", "public"};

    return pool < POOL_COUNT ? names[pool] : NULL;
}

static bool
matches(const char *pattern, const struct request *request)
{
    const char *p = pattern + 1;

    for (size_t i = 0; i < request->part_count; i++) {
        size_t n = strcspn(p, "/");
        if (n == 0 || (p[0] != ':' && (strlen(request->parts[i]) != n ||
                                       strncmp(p, request->parts[i], n) != 0)))
            return false;
        p += n;
        p += *p == '/';
    }
    return *p == '\0';
}

static const struct route *
route_find(const struct context *c)
{
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++)
        if (routes[i].pool == c->app->pool && routes[i].method == c->request->method &&
            matches(routes[i].pattern, c->request))
            return &routes[i];
    return NULL;
}

/* A posted form must come from our own page and, inside a session, carry its token. */
static bool
is_forged(const struct context *c)
{
    if (!request_is_same_origin(c->request, c->app->conf.address))
        return true;
    return c->session.token != NULL &&
           !crypt_equal(request_value(c->request, "csrf"), c->session.csrf);
}

/* Sends a person without a session to the sign-in, and back to where they were going. */
static void
send_to_sign_in(struct context *c)
{
    if (c->request->method == METHOD_POST && handle_expired_form(c))
        return;
    response_redirect(c->response, "/sign-in");
}

static void
refuse_issuing(struct context *c)
{
    enum db_status status;

    DB_ONE(c->db, c->arena, c->session.token, &status, SQL_audit_append, "issuer_page", "denied",
           NULL, NULL, "");
    if (status != DB_OK)
        page_database_failed(c, status);
    else
        page_forbidden(c, "アカウントを発行する方（利用者認証実施者）だけの画面です。");
}

static void
run(struct context *c, const struct route *route)
{
    const char *token = request_cookie(c->request, "__Host-" SESSION_COOKIE);
    enum db_status status = DB_OK;

    if (c->app->pool != POOL_public)
        status = session_enter(c->db, c->arena, token, &c->session);
    if (status != DB_OK) {
        page_database_failed(c, status);
        return;
    }
    if (route == NULL) {
        page_not_found(c);
    } else if (route->need == GATEWAY) {
        route->handle(c);
    } else if (route->need != OPEN && c->session.token == NULL) {
        send_to_sign_in(c);
    } else if (route->need != OPEN && !c->session.terms_current &&
               !text_starts(route->pattern, "/terms") && !text_starts(route->pattern, "/sign-out")) {
        response_redirect(c->response, "/terms");
    } else if (c->request->method == METHOD_POST && is_forged(c)) {
        page_bad_request(c, "もう一度ページを開き直してから、操作してください。");
    } else if (route->need == ISSUER && !c->session.issuer) {
        refuse_issuing(c);
    } else {
        route->handle(c);
    }
}

void
routes_dispatch(struct context *c)
{
    run(c, route_find(c));
    if (c->app->conf.measure)
        response_header(c->response, "X-Round-Trips",
                        db_int(c->arena, db_take_round_trips(c->db)));
}
