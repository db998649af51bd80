-- 公表: what has been published, edition by edition (版). An edition holds what the figures said when it was made, with cells hidden so
-- that nobody can be told from it (src/core/disclose.h); a row stands only where it differs from the edition before, so that the rows
-- of a later edition are its corrections and its new days.

INSERT INTO app.setting (name, value, meaning) VALUES
    ('publish_at', '16:00', '公表: 前日までの数値の版を毎日つくる時刻（日本時間）。空にすると自動ではつくらない');

CREATE TABLE app.edition (
    edition_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    made_at timestamptz NOT NULL,
    through date NOT NULL,
    released_at timestamptz,
    reason text,
    CHECK ((released_at IS NULL) <> (reason IS NULL))
);
COMMENT ON TABLE app.edition IS 'by own key: 版: the figures as published at a time; what was held back has published nothing';
COMMENT ON COLUMN app.edition.through IS 'the last day that it holds';
COMMENT ON COLUMN app.edition.reason IS 'why it was held back, in Japanese; NULL: it was released';

CREATE TABLE app.published (
    indicator integer NOT NULL CHECK (indicator BETWEEN 1 AND 11),
    area text NOT NULL,
    day date NOT NULL,
    cell text NOT NULL,
    edition_id bigint NOT NULL,
    value bigint,
    PRIMARY KEY (indicator, area, day, cell, edition_id)
);
COMMENT ON TABLE app.published IS 'by own key: what an edition says that the one before did not; NULL: hidden (*). Public, and only ever appended';
COMMENT ON COLUMN app.published.area IS '00: the country; 01 to 47: a prefecture';
COMMENT ON COLUMN app.published.day IS 'the day, or the first day of the week';
COMMENT ON COLUMN app.published.cell IS '"" of indicators 1, 5, 6, 8; care, released, confirming of 10; m0 to f90 of 3, 4, 7, 9; the column of 11, 0 to 10. Indicator 2 is reckoned from 1';
CREATE INDEX published_edition ON app.published (edition_id);

CREATE TABLE app.published_now (
    indicator integer NOT NULL,
    area text NOT NULL,
    day date NOT NULL,
    cell text NOT NULL,
    edition_id bigint NOT NULL,
    first_edition_id bigint NOT NULL,
    value bigint,
    PRIMARY KEY (indicator, area, day, cell)
);
COMMENT ON TABLE app.published_now IS 'by own key: the newest row of app.published for each key, and the edition that had it first; moved on in the transaction that releases';
CREATE INDEX published_now_day ON app.published_now (indicator, day);

-- ---- owners, grants, walls ---------------------------------------------------------------------------------------------

SELECT app.guard_tables('edition', 'published', 'published_now');
GRANT SELECT, INSERT ON app.edition, app.published TO hersys_jobs;
GRANT SELECT, INSERT, UPDATE ON app.published_now TO hersys_jobs;
GRANT SELECT ON app.edition, app.published, app.published_now TO hersys_public, hersys_staff;
CREATE POLICY released ON app.edition FOR SELECT TO hersys_public, hersys_staff USING (released_at IS NOT NULL);
CREATE POLICY everybody ON app.published FOR SELECT TO hersys_public, hersys_staff USING (true);
CREATE POLICY everybody ON app.published_now FOR SELECT TO hersys_public, hersys_staff USING (true);
