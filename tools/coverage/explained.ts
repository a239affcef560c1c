/** A branch that no Solidity test takes, and why. */
export interface Explained {
  file: string
  where: string
  way: string
  why: string
}

export const EXPLAINED: Explained[] = []
