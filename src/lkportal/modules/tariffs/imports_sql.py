"""A batch of the catalogue, of connected services or of segments as SQL. Who calls it is imports."""

from __future__ import annotations

from datetime import date

FIRST_DAY = date(2000, 1, 1)
"""From when something is offered whose file does not say it."""

MARK_MONTHS = """
UPDATE {staging} SET reject = CASE WHEN price < 0 OR connect_price < 0 THEN 'price' ELSE 'months' END
WHERE reject IS NULL AND (price < 0 OR connect_price < 0 OR months NOT BETWEEN 0 AND 60)
"""
OFFERINGS = """
INSERT INTO tariffs_offerings (public_id, kind, family, icon, title, note, months, connect_price, prepaid, at_address, brand, segment, since,
                               until, place, source, source_key, seen_at)
SELECT {public_id}, s.kind, s.family, COALESCE(s.icon, ''), s.title, COALESCE(s.note, ''), COALESCE(s.months, 1),
       COALESCE(s.connect_price, 0), COALESCE(s.prepaid, '0') = '1', COALESCE(s.at_address, '1') = '1', COALESCE(s.brand, ''), COALESCE(s.segment, ''),
       COALESCE({since_day}, :first_day), {until_day}, COALESCE(s.place, 100), 'catalogue', s.code, :now
FROM {staging} s
WHERE s.reject IS NULL
  AND s.line = (SELECT max(t.line) FROM {staging} t WHERE t.reject IS NULL AND t.code = s.code)
ON CONFLICT (source, source_key) DO UPDATE
SET kind = excluded.kind, family = excluded.family, icon = excluded.icon, title = excluded.title, note = excluded.note,
    months = excluded.months, connect_price = excluded.connect_price, prepaid = excluded.prepaid, at_address = excluded.at_address, brand = excluded.brand,
    segment = excluded.segment, since = excluded.since, until = excluded.until, place = excluded.place, seen_at = excluded.seen_at
"""
# A row without a day tells the price as it is: it begins today, unless it is the first one or costs the same as before.
PRICES = """
INSERT INTO tariffs_prices (offering_id, since, amount)
SELECT o.id, COALESCE({price_since_day}, CASE WHEN EXISTS (SELECT 1 FROM tariffs_prices p WHERE p.offering_id = o.id)
                                              THEN :today ELSE :first_day END), s.price
FROM {staging} s JOIN tariffs_offerings o ON o.source = 'catalogue' AND o.source_key = s.code
WHERE s.reject IS NULL
  AND s.line = (SELECT max(t.line) FROM {staging} t WHERE t.reject IS NULL AND t.code = s.code
                AND t.price_since IS NOT DISTINCT FROM s.price_since)
  AND (s.price_since IS NOT NULL OR s.price IS DISTINCT FROM (
      SELECT p.amount FROM tariffs_prices p WHERE p.offering_id = o.id AND p.since <= :today ORDER BY p.since DESC LIMIT 1))
ON CONFLICT (offering_id, since) DO UPDATE SET amount = excluded.amount
"""
MARK_OFFERING = """
UPDATE {staging} SET reject = 'no_offering' WHERE reject IS NULL
  AND NOT EXISTS (SELECT 1 FROM tariffs_offerings o WHERE o.source = 'catalogue' AND o.source_key = {staging}.code)
"""
SERVICES = """
INSERT INTO tariffs_services (public_id, account_id, offering_id, state, price, place, since, charge_on, anchor, renews,
                              frozen_on, frozen_until, ended_on, changed_at, source, source_key, seen_at)
SELECT {public_id}, a.id, o.id, COALESCE(s.state, 'active'), s.price, COALESCE(s."where", ''), {since_day}, {charge_on_day},
       CAST(substr(CAST(COALESCE(s.charge_on, s.since) AS VARCHAR(10)), 9, 2) AS INTEGER), 1 = 1,
       CASE WHEN s.state = 'frozen' THEN :today END, {frozen_until_day},
       CASE WHEN s.state = 'ended' THEN :today END, :now, 'services', s.account || '/' || COALESCE(s.key, s.code), :now
FROM {staging} s JOIN accounts_accounts a ON a.number = s.account
JOIN tariffs_offerings o ON o.source = 'catalogue' AND o.source_key = s.code
WHERE s.reject IS NULL AND s.line = (
    SELECT max(t.line) FROM {staging} t WHERE t.reject IS NULL AND t.account = s.account
    AND COALESCE(t.key, t.code) = COALESCE(s.key, s.code))
ON CONFLICT (source, source_key) DO UPDATE
SET offering_id = excluded.offering_id, state = excluded.state,
    price = COALESCE(excluded.price, CASE WHEN tariffs_services.price_until > :today
                                          AND tariffs_services.offering_id = excluded.offering_id THEN tariffs_services.price END),
    price_until = CASE WHEN excluded.price IS NULL AND tariffs_services.price_until > :today
                       AND tariffs_services.offering_id = excluded.offering_id THEN tariffs_services.price_until END, place = excluded.place,
    since = excluded.since, charge_on = COALESCE(excluded.charge_on, tariffs_services.charge_on), anchor = excluded.anchor,
    frozen_on = COALESCE(tariffs_services.frozen_on, excluded.frozen_on), frozen_until = excluded.frozen_until,
    ended_on = CASE WHEN excluded.state = 'ended' THEN COALESCE(tariffs_services.ended_on, excluded.ended_on) END,
    changed_at = CASE WHEN tariffs_services.state <> excluded.state THEN :now ELSE tariffs_services.changed_at END,
    seen_at = excluded.seen_at
"""
FORGET_SEGMENTS = """
DELETE FROM tariffs_segments WHERE told_by <> :import AND account_id IN (
    SELECT a.id FROM {staging} s JOIN accounts_accounts a ON a.number = s.account WHERE s.reject IS NULL)
"""
SEGMENTS = """
INSERT INTO tariffs_segments (account_id, segment, told_by)
SELECT DISTINCT a.id, s.segment, :import FROM {staging} s JOIN accounts_accounts a ON a.number = s.account
WHERE s.reject IS NULL AND s.segment IS NOT NULL
ON CONFLICT (account_id, segment) DO UPDATE SET told_by = excluded.told_by
"""
