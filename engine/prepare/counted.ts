/** A number of things: "1 row", "2 rows", "12,000 rows". */
export function counted(count: number, thing: string): string {
  const number = String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
  return `${number} ${thing}${count === 1 ? '' : /(s|x|ch|sh)$/.test(thing) ? 'es' : 's'}`
}
