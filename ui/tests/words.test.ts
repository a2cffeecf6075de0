import { describe, expect, test } from "vitest";
import { read_hash, write_hash } from "../src/app/route.svelte";
import { back, cursor_of, FIRST_PAGE, forward, page_number } from "../src/app/pager";
import { window_of } from "../src/parts/columns";
import { router_commands } from "../src/screens/routers/router_commands";
import { without_hidden, empty_draft } from "../src/screens/customers/draft";
import { query_of, with_params } from "../src/screens/customers/query";
import { changes_words } from "../src/words/changes";
import { generate_password } from "../src/words/password";
import { decimal_text, money_words, read_amount } from "../src/words/money";
import { rate_words, read_rate_limit, volume_text } from "../src/words/rate_limit";
import { day_words, relative_words } from "../src/words/time";

const TAKA = { currency: "BDT", currency_exponent: 2 };

describe("money", () => {
  test("is written from digits, whatever the currency's decimals", () => {
    expect(decimal_text(125000, 2)).toBe("1250.00");
    expect(decimal_text(5, 2)).toBe("0.05");
    expect(decimal_text(-5, 2)).toBe("-0.05");
    expect(decimal_text(1500, 0)).toBe("1500");
    expect(decimal_text(1, 3)).toBe("0.001");
  });

  test("has Latin digits in Bengali too", () => {
    expect(money_words(125000, TAKA, "en-GB-u-nu-latn")).toContain("1,250.00");
    expect(money_words(125000, TAKA, "bn-BD-u-nu-latn")).toContain("1,250.00");
  });

  test("stays exact where floating point would not", () => {
    expect(money_words(900719925474099, TAKA, "en-GB")).toContain("9,007,199,254,740.99");
  });
});

describe("a typed amount", () => {
  test("is read in the smallest unit", () => {
    expect(read_amount("1,250", 2)).toBe(125000);
    expect(read_amount("১২৫০.5", 2)).toBe(125050);
    expect(read_amount("500", 0)).toBe(500);
  });

  test("that is none is nothing", () => {
    for (const text of ["", "-5", "5.123", "five"]) expect(read_amount(text, 2)).toBeNull();
  });
});

describe("a rate limit", () => {
  test("is upload first", () => {
    expect(read_rate_limit("5M/10M")).toEqual({ upload_bps: 5e6, download_bps: 10e6 });
  });

  test("of one value is both ways, and bursts do not disturb it", () => {
    expect(read_rate_limit("512k")).toEqual({ upload_bps: 512e3, download_bps: 512e3 });
    expect(read_rate_limit("1M/2M 2M/4M 1M/2M 10/10")).toEqual({ upload_bps: 1e6, download_bps: 2e6 });
  });

  test("that cannot be read is nothing", () => {
    for (const text of ["", "fast", "5M/", "1M/2M/3M", "5X/1M", "10 Mbps", "5M/10M 4M/16M", "999", "5.5M"]) expect(read_rate_limit(text)).toBeNull();
  });

  test("is said with its unit", () => {
    expect(rate_words(5e6, "en")).toBe("5 Mbit/s");
    expect(rate_words(1.5e9, "en")).toBe("1.5 Gbit/s");
  });
});

test("a volume goes into the form as it was typed, in either counting", () => {
  expect(volume_text(50e9)).toBe("50 GB");
  expect(volume_text(2 * 2 ** 30)).toBe("2 GiB");
});

test("a day is the provider's day", () => {
  expect(day_words("2026-12-02T20:00:00Z", "Asia/Dhaka", "en-GB")).toBe("3 Dec 2026");
  expect(relative_words("2026-12-05T00:00:00Z", Date.parse("2026-12-02T00:00:00Z"), "en")).toBe("in 3 days");
});

describe("the pager", () => {
  test("goes back by the cursors that it came along", () => {
    const third = forward(forward(FIRST_PAGE, "a"), "b");
    expect([page_number(third), cursor_of(third)]).toEqual([3, "b"]);
    expect(cursor_of(back(third))).toBe("a");
    expect(cursor_of(back(back(third)))).toBeNull();
  });

  test("stays where it is at both ends", () => {
    expect(forward(FIRST_PAGE, null)).toBe(FIRST_PAGE);
    expect(back(FIRST_PAGE)).toBe(FIRST_PAGE);
  });
});

describe("the address", () => {
  test("carries place and filters there and back", () => {
    const params = new URLSearchParams({ search: "a&b=ü", status: "active" });
    const place = read_hash(write_hash(["customers", 42], params));
    expect(place.path).toEqual(["customers", "42"]);
    expect(place.params.get("search")).toBe("a&b=ü");
  });

  test("cannot ask for what does not exist", () => {
    const query = query_of(new URLSearchParams("status=gone&sort=shoe&package_id=x"), 50);
    expect([query.status, query.sort, query.package_id, query.limit]).toEqual([null, "name", null, 50]);
  });

  test("leaves out what is empty", () => {
    expect(with_params(new URLSearchParams("search=a&sort=expiry"), { search: "" }).toString()).toBe("sort=expiry");
  });
});

test("fields of another connection type are not sent", () => {
  const draft = { ...empty_draft(), connection_type: "hotspot" as const, username: "karim", password: "p", mac: "m" };
  expect(without_hidden(draft)).toMatchObject({ username: "", password: "p", mac: "m" });
  const held = { ...draft, devices_only: true };
  expect(without_hidden(held).devices_only).toBe(true);
  expect(without_hidden({ ...held, connection_type: "other" })).toMatchObject({ mac: "", devices_only: false });
});

test("a table draws what is in sight and little more", () => {
  expect(window_of(0, 280, 100_000)).toEqual({ first: 0, last: 18 });
  expect(window_of(28_000, 280, 100_000)).toEqual({ first: 992, last: 1018 });
});

test("a drawn password has no sign that is mistaken for another", () => {
  for (let round = 0; round < 50; round += 1) expect(generate_password()).toMatch(/^[a-hjkmnp-z2-9]{10}$/);
});

test("a new customer may come with any device", () => {
  expect(empty_draft().devices_only).toBe(false);
});

test("a router that listens elsewhere for Disconnect is told so", () => {
  expect(router_commands("10.0.0.2", "s")).toContain("/radius incoming set accept=yes\n");
  expect(router_commands("10.0.0.2", "s", 1700)).toContain("/radius incoming set accept=yes port=1700\n");
});

test("a secret cannot break out of the command it is pasted in", () => {
  expect(router_commands("10.0.0.2", 'a"b$c')).toContain('secret="a\\"b\\$c" service');
});

describe("what was changed", () => {
  test("names packages, zones and operators, and hides bare numbers", () => {
    expect(changes_words([{ field: "package_id", before: "Home 10", after: "Home 20" }])).toEqual(["Package: Home 10 → Home 20"]);
    expect(changes_words([{ field: "parent_id", before: null, after: "North" }])).toEqual(["Under: North"]);
    expect(changes_words([{ field: "zone_id", before: "7", after: null }, { field: "customer_id", before: null, after: "3" }])).toEqual([]);
  });

  test("says that one of two has no name to show", () => {
    expect(changes_words([{ field: "operator_id", before: "7", after: "North" }])).toEqual(["Operator: one that is gone or not yours to see → North"]);
  });
});
