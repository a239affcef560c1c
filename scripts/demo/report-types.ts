/** The demo's results, read from the chain's events and state. Amounts are decimal strings in wei, shares are fractions or bps. */
export interface DemoReport {
  seed: number
  /** Stores that dripped or hung. */
  slowStores: number
  /**
   * Seconds from the first round's start until this report was complete: rounds, closing, central training and accuracies. Not counted:
   * compilation, and the set-up until everybody is enrolled.
   */
  seconds: number
  rounds: RoundReport[]
  contributors: ContributorReport[]
  validators: ValidatorReport[]
  /** Cases about the task, in the order in which they were opened. */
  cases: CaseReport[]
  funds: FundsReport
}

/** A case of the court. Amounts in ASSAY wei. */
export interface CaseReport {
  caseId: number
  kind: string
  round: number
  challenger: string
  defendant: string
  /** `none` while it is open. */
  verdict: string
  /** sha256 of the encrypted evidence, zero if there was none. */
  evidence: string
  /** Of the challenger. */
  bond: string
  /** Stake taken of all defendants. */
  slashed: string
  /** Of the challenger, besides its bond. */
  reward: string
  /** For each seat that voted as it should. */
  feePerSeat: string
  /** Everybody who had a seat in one of its panels. */
  jurors: string[]
  appeals: number
}

export interface RoundReport {
  round: number
  status: 'final' | 'void'
  /** The model's accuracy after the round, on digits that nobody trains or scores with: a fraction. */
  accuracy: number
  /** Accuracy of one model trained on all shards together for as many steps: a fraction. */
  centralizedAccuracy: number
  /** Gas of all transactions of the round. */
  gasUsed: number
}

export interface ContributorReport {
  address: string
  /** `honest`, or the name of a simulated behaviour. */
  behaviour: string
  /** Reward wei credited for compute, held pay only once it was released. */
  paidCompute: string
  /** Reward wei credited for data, held pay only once it was released. */
  paidData: string
  reputationBps: number
  /** Stake-token wei taken by slashes. */
  slashed: string
  /** Accepted submissions. */
  submissions: number
}

export interface ValidatorReport {
  address: string
  /** `honest`, or the name of a simulated behaviour. */
  behaviour: string
  paidService: string
  uptimeBps: number
  slashed: string
}

/** Reward wei of the task: funded = paid + refunded + remaining. */
export interface FundsReport {
  funded: string
  /** Credited to anybody, claimed or not. */
  paid: string
  refunded: string
  remaining: string
  /** Part of `remaining` that is held back for open rounds and for pay that waits for an audit. */
  reserved: string
}
