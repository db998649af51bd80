-- 公表との差 for everybody (seed 4: 「自治体公表データと HER-SYS データとの差異に関する指標を…都道府県毎に公表」).

-- What each prefecture (NULL: all; the ministry's file begins with April 2021) had published of new cases of a day, beside what the newest
-- edition says of that day. Both are public by themselves: the one by the prefecture, the other by the edition. Nothing of a city or a
-- centre, no other series, no day that the edition does not hold; and as it stood when the edition was released, so that what is entered
-- since waits for the next one.
CREATE FUNCTION app.open_difference(p_area text, p_from date, p_to date)
RETURNS TABLE (day date, area text, published bigint, counted bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
    SELECT n.day, n.area, p.count, n.value
      FROM (SELECT x.released_at FROM app.edition x WHERE x.released_at IS NOT NULL ORDER BY x.edition_id DESC LIMIT 1) e
     CROSS JOIN app.prefecture f
     CROSS JOIN LATERAL (SELECT DISTINCT ON (x.day) x.day, x.count FROM app.published_figure x
                          WHERE x.area = f.code AND x.series = 'new' AND x.day BETWEEN greatest(p_from, '2021-04-01') AND p_to
                            AND x.entered_at <= e.released_at
                          ORDER BY x.day, x.version DESC) p
      JOIN app.published_now n ON n.indicator = 1 AND n.area = f.code AND n.day = p.day AND n.cell = ''
     WHERE (p_area IS NULL OR f.code = p_area) AND n.value IS NOT NULL
$$;

SELECT app.guard_functions('^open_');
GRANT EXECUTE ON FUNCTION app.open_difference(text, date, date) TO hersys_public;
