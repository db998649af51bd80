/*
 * open_data.h - オープンデータ: the published figures in the ministry's own forms, byte for byte: UTF-8 with a byte order mark, CRLF, dates as
 * 2022/8/19, weeks as 2021/07/26~2021/08/01, "*" for a hidden cell; two header rows where sex and age stand. Source: the files of
 * 「データからわかる－新型コロナウイルス感染症情報－」.
 */
#ifndef HERSYS_EXCHANGE_OPEN_DATA_H
#define HERSYS_EXCHANGE_OPEN_DATA_H

#include "base/buf.h"
#include "base/date.h"
#include "core/figures.h"
#include "db/db.h"

enum {
    OPEN_DATA_AREAS = 48,  /* the country, then the prefectures by their codes */
    OPEN_DATA_COLUMNS = 20 /* at most, of one area */
};

/* A file that is offered; its name is the ministry's. */
struct open_data_file {
    const char *name;
    int indicator;
    const char *long_heading; /* of the one column of the long form; NULL: the columns have their own */
};

extern const struct open_data_file open_data_files[FIGURE_INDICATORS];

/* The file of a name; NULL when there is none. */
const struct open_data_file *open_data_find(const char *name);

/* Wide: a column for each prefecture, as since August 2021. Long: a row for each day and prefecture, as before. */
enum open_data_layout { OPEN_DATA_WIDE, OPEN_DATA_LONG };

/* An area of the columns: as the official files spell it, and its people by date (figure_people_on), for the figures per 100,000. */
struct open_data_area {
    const char *name;
    const char *people;
};

/* Of a file, between its header and its end. */
struct open_data;

/* Begins a file in `out`; `areas` and `out` are kept until the end. */
struct open_data *open_data_begin(struct buf *out, const struct open_data_file *file, enum open_data_layout layout,
                                  const struct open_data_area areas[OPEN_DATA_AREAS]);

/*
 * Adds rows of (day, area, cell, value), in the order of the days; the rows of a day come in one call. The value NULL is hidden, a key
 * without a row is an empty cell. Of indicator 2 the rows are those of indicator 1.
 */
void open_data_add(struct open_data *data, const struct rows *rows);

/* Which of the columns of its area a published cell of an indicator is for; -1 for none. */
int open_data_column(const struct figure_indicator *indicator, const char *cell);

/* The index of an area's code among the columns; -1 for what is no area. */
int open_data_area_find(const char *code);

#endif
