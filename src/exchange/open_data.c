/* open_data.c - see open_data.h. */
#include "exchange/open_data.h"

#include <string.h>

#include "base/text.h"
#include "exchange/csv.h"

const struct open_data_file open_data_files[FIGURE_INDICATORS] = {
    {"newly_confirmed_cases_daily.csv", 1, "Newly confirmed cases"},
    {"newly_confirmed_cases_per_100_thousand_population_daily.csv", 2, "Newly confirmed cases per 100 thousand population"},
    {"newly_confirmed_cases_detail_weekly.csv", 3, NULL},
    {"confirmed_cases_detail_cumulative_weekly.csv", 4, NULL},
    {"confirmed_cases_cumulative_daily.csv", 5, "Confirmed cases (cumulative)"},
    {"severe_cases_daily.csv", 6, "Severe cases"},
    {"severe_cases_detail_weekly.csv", 7, NULL},
    {"deaths_cumulative_daily.csv", 8, "Deaths (cumulative)"},
    {"deaths_detail_cumulative_weekly.csv", 9, NULL},
    {"requiring_inpatient_care_etc_daily.csv", 10, NULL},
    {"cluster_events_weekly.csv", 11, NULL},
};

const struct open_data_file *
open_data_find(const char *name)
{
    for (size_t i = 0; i < FIGURE_INDICATORS; i++)
        if (strcmp(open_data_files[i].name, name) == 0)
            return &open_data_files[i];
    return NULL;
}

struct open_data {
    struct buf *out;
    const struct open_data_file *file;
    const struct figure_indicator *indicator;
    enum open_data_layout layout;
    const struct open_data_area *areas;
    size_t columns; /* of one area */
};

int
open_data_area_find(const char *code)
{
    int64_t number;

    return strlen(code) == 2 && text_to_int(code, 0, OPEN_DATA_AREAS - 1, &number) == 0 ? (int)number : -1;
}

/* ---- headers ------------------------------------------------------------------------------------------------------- */

/* Columns of one area, by the shape of the indicator. */
static size_t
columns_of(const struct figure_indicator *indicator)
{
    size_t count = 0;

    if (indicator->shape == FIGURE_WEEKLY_PLACES)
        return FIGURE_PLACES;
    if (figure_is_weekly(indicator))
        return FIGURE_CELLS;
    while (count < FIGURE_SERIES && indicator->series[count] != NULL)
        count++;
    return count;
}

static const char *
heading(const struct open_data *data, size_t column)
{
    if (data->indicator->shape == FIGURE_WEEKLY_PLACES)
        return figure_places[column].heading;
    if (figure_is_weekly(data->indicator))
        return figure_cell_heading(column);
    return data->columns == 1 ? data->file->long_heading : data->indicator->headings[column];
}

int
open_data_column(const struct figure_indicator *indicator, const char *cell)
{
    int64_t number;

    if (indicator->shape == FIGURE_WEEKLY_PLACES)
        return text_to_int(cell, 0, FIGURE_PLACES - 1, &number) == 0 ? (int)number : -1;
    if (figure_is_weekly(indicator))
        return figure_cell_find(cell);
    if (indicator->series[1] == NULL)
        return 0; /* of one series the cell says nothing */
    for (int i = 0; i < FIGURE_SERIES && indicator->series[i] != NULL; i++)
        if (text_same(indicator->series[i], cell))
            return i;
    return -1;
}

static bool
is_long(const struct open_data *data)
{
    return data->layout == OPEN_DATA_LONG || data->indicator->shape == FIGURE_WEEKLY_PLACES; /* of which there is no wide form */
}

static void
add_long_header(struct open_data *data)
{
    csv_add_cell(data->out, figure_is_weekly(data->indicator) ? "Week" : "Date", true);
    csv_add_cell(data->out, "Prefecture", false);
    for (size_t i = 0; i < data->columns; i++)
        csv_add_cell(data->out, heading(data, i), false);
    csv_end_row(data->out);
}

/* One row of areas, or of "(ALL) Requiring inpatient care" and so on. */
static void
add_daily_header(struct open_data *data)
{
    csv_add_cell(data->out, "Date", true);
    for (size_t area = 0; area < OPEN_DATA_AREAS; area++)
        for (size_t i = 0; i < data->columns; i++)
            csv_add_cell(data->out,
                         data->columns == 1 ? data->areas[area].name
                                            : text_format(data->out->arena, "(%s) %s", data->areas[area].name, heading(data, i)),
                         false);
    csv_end_row(data->out);
}

/* Areas, each above its first column; then sexes and ages. */
static void
add_weekly_header(struct open_data *data)
{
    csv_add_cell(data->out, "", true);
    for (size_t i = 0; i < OPEN_DATA_AREAS * data->columns; i++)
        csv_add_cell(data->out, i % data->columns == 0 ? data->areas[i / data->columns].name : "", false);
    csv_end_row(data->out);
    csv_add_cell(data->out, "Week", true);
    for (size_t i = 0; i < OPEN_DATA_AREAS * data->columns; i++)
        csv_add_cell(data->out, heading(data, i % data->columns), false);
    csv_end_row(data->out);
}

struct open_data *
open_data_begin(struct buf *out, const struct open_data_file *file, enum open_data_layout layout,
                const struct open_data_area areas[OPEN_DATA_AREAS])
{
    struct open_data *data = ARENA_NEW(out->arena, struct open_data);

    data->out = out;
    data->file = file;
    data->indicator = figure_find(file->indicator);
    data->layout = layout;
    data->areas = areas;
    data->columns = columns_of(data->indicator);
    buf_add_text(out, CSV_BYTE_ORDER_MARK);
    if (is_long(data))
        add_long_header(data);
    else if (figure_is_weekly(data->indicator))
        add_weekly_header(data);
    else
        add_daily_header(data);
    return data;
}

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

/* What one day says, by area and column; NULL: nothing. */
struct day {
    date_day day;
    const char *cells[OPEN_DATA_AREAS][OPEN_DATA_COLUMNS];
};

/* What row `i` says of an area on a day. */
static const char *
value_of(const struct open_data *data, const struct rows *rows, size_t i, int area, date_day day)
{
    const char *value = rows_text(rows, i, "value");

    if (value == NULL)
        return "*";
    if (data->indicator->shape != FIGURE_DAILY_PER)
        return value;
    return figure_rate(data->out->arena, rows_int(rows, i, "value"), figure_people_on(data->areas[area].people, day));
}

/* Reads the rows from `i` on that are of one day; returns the first of the next. */
static size_t
take_day(const struct open_data *data, const struct rows *rows, size_t i, struct day *day)
{
    const char *iso = rows_text(rows, i, "day");

    memset(day, 0, sizeof *day);
    day->day = date_from_iso(iso);
    for (; i < rows_count(rows) && text_same(rows_text(rows, i, "day"), iso); i++) {
        int area = open_data_area_find(rows_text(rows, i, "area")), column = open_data_column(data->indicator, rows_text(rows, i, "cell"));
        if (area >= 0 && column >= 0)
            day->cells[area][column] = value_of(data, rows, i, area, day->day);
    }
    return i;
}

static const char *
day_text(const struct open_data *data, date_day day)
{
    return figure_is_weekly(data->indicator) ? figure_week_text(data->out->arena, day) : date_slashed(data->out->arena, day);
}

/* Figures and asterisks as they are: a spreadsheet takes none of them for a formula, and the official files have negative corrections. */
static void
add_cells(struct open_data *data, const struct day *day, size_t area)
{
    for (size_t i = 0; i < data->columns; i++) {
        buf_add_char(data->out, ',');
        buf_add_text(data->out, day->cells[area][i]);
    }
}

static void
add_day(struct open_data *data, const struct day *day)
{
    const char *text = day_text(data, day->day);

    if (!is_long(data)) {
        csv_add_cell(data->out, text, true);
        for (size_t area = 0; area < OPEN_DATA_AREAS; area++)
            add_cells(data, day, area);
        csv_end_row(data->out);
        return;
    }
    for (size_t area = 0; area < OPEN_DATA_AREAS; area++) {
        csv_add_cell(data->out, text, true);
        csv_add_cell(data->out, data->areas[area].name, false);
        add_cells(data, day, area);
        csv_end_row(data->out);
    }
}

void
open_data_add(struct open_data *data, const struct rows *rows)
{
    struct day day;

    for (size_t i = 0; i < rows_count(rows);) {
        i = take_day(data, rows, i, &day);
        add_day(data, &day);
    }
}
