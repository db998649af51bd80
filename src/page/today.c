/* today.c - the page of the day. */
#include "page/handlers.h"

void
today_show(struct context *c)
{
    struct view *view = page_view(c, "今日");

    view_text(view, "text", "ようこそ。");
    page_send(c, TEMPLATE_message, view);
}

bool
handle_expired_form(struct context *c)
{
    (void)c;
    return false;
}
