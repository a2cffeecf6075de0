/** The time zone of a country that has exactly one, for the countries where providers begin with this. */
const TIME_ZONE: Record<string, string> = {
  AF: "Asia/Kabul",
  BD: "Asia/Dhaka",
  BT: "Asia/Thimphu",
  IN: "Asia/Kolkata",
  LK: "Asia/Colombo",
  MM: "Asia/Yangon",
  MV: "Indian/Maldives",
  NP: "Asia/Kathmandu",
  PK: "Asia/Karachi",
};

export function time_zone_of(country: string): string | undefined {
  return TIME_ZONE[country];
}
