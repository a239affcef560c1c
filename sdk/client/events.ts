import {
  type Abi,
  type ContractEventName,
  type GetEventArgs,
  parseEventLogs,
  type TransactionReceipt,
} from 'viem'

type EventArgs<A extends Abi, N extends ContractEventName<A>> = GetEventArgs<
  A,
  N,
  { EnableUnion: false; IndexedOnly: false; Required: true }
>

/**
 * The arguments of the first event of a name in a receipt.
 *
 * @throws Error when there is none: the transaction wasn't the expected call
 */
export function eventIn<const A extends Abi, N extends ContractEventName<A>>(
  receipt: TransactionReceipt,
  abi: A,
  eventName: N,
): EventArgs<A, N> {
  const [first] = eventsIn(receipt, abi, eventName)
  if (first === undefined) throw new Error(`transaction ${receipt.transactionHash} emitted no ${eventName}`)
  return first
}

/**
 * The arguments of all events of a name that the called contract emitted, in order. Other contracts can emit the same
 * event: theirs are left out.
 */
export function eventsIn<const A extends Abi, N extends ContractEventName<A>>(
  receipt: TransactionReceipt,
  abi: A,
  eventName: N,
): EventArgs<A, N>[] {
  const own = receipt.logs.filter(({ address }) => address.toLowerCase() === receipt.to?.toLowerCase())
  const logs = parseEventLogs({ abi: abi as Abi, logs: own, eventName })
  return logs.map((log) => log.args as EventArgs<A, N>)
}
