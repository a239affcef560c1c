/** The largest second that a Date can hold. */
const LAST_SECOND = 8.64e12

/** `2026-01-31 14:05:00 +01:00`: local time, with its distance from UTC. Later than any date: `second N`. */
export function timeText(unixSeconds: number | bigint): string {
  const seconds = Number(unixSeconds)
  if (!(seconds >= 0 && seconds <= LAST_SECOND)) return `second ${unixSeconds}`
  const date = new Date(seconds * 1000)
  const two = (value: number) => String(Math.trunc(value)).padStart(2, '0')
  const offset = -date.getTimezoneOffset()
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`
}
