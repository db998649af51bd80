/* cluster_page.h - what the screens of 集団感染 share: a cluster that the office may see, and the end of a change. */
#ifndef HERSYS_PAGE_CLUSTER_PAGE_H
#define HERSYS_PAGE_CLUSTER_PAGE_H

#include "core/notification.h"
#include "page/page.h"

struct cluster_opened {
    int64_t id;
    const struct rows *cluster; /* SQL_cluster_find */
    bool may_edit;
};

/* Loads the cluster of the path, and what else is asked in the same round trip (NULL: nothing). Answers and returns false. */
bool cluster_open(struct context *c, struct record_more *more, struct cluster_opened *o);

/* Whether it may be changed; answers with who may when not. */
bool cluster_may_edit(struct context *c, const struct cluster_opened *o);

/* The end of a change of a cluster, in its words. */
void cluster_conclude(struct context *c, enum notify_result result, const char *path, const char *notice);

/* "/clusters/7", and what is below it. */
const char *cluster_path(struct context *c, int64_t cluster_id, const char *below);

/* Fills "clusters" with a page of a list, and "next_path": `path`, which ends in ? or &, and where to go on. */
void cluster_fill_list(struct context *c, struct view *view, const struct rows *rows, const char *path);

/* The date in a column as people write it: 2022/10/1; "" for none. */
const char *cluster_day(struct context *c, const struct rows *rows, size_t i, const char *column);

#endif
