// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ResultWord} from "../types/ResultWord.sol";
import {IRoundsTypes} from "./IRoundsTypes.sol";

/// @title Events of Rounds
/// @notice See {IRounds}.
interface IRoundsEvents is IRoundsTypes {
    /// @notice A round opened and takes submissions.
    /// @param taskId the task
    /// @param round its number, from 1
    /// @param baseModelHash model that the round trains from
    /// @param reserved reward wei reserved: the most that the round can cost
    /// @param submitEnd unix seconds at which submissions end
    event RoundOpened(
        uint64 indexed taskId,
        uint32 indexed round,
        bytes32 baseModelHash,
        uint256 reserved,
        uint256 submitEnd
    );
    /// @notice A changed roster was frozen: committees are drawn from these validators by these weights.
    /// @param taskId the task
    /// @param round that opens, the first with this roster
    /// @param validators 64, by roster index; a free place is the zero address
    /// @param weights 64, by roster index: 0, or 204…1,024
    event RosterFrozen(uint64 indexed taskId, uint32 indexed round, address[] validators, uint16[] weights);
    /// @notice A submission that the contributor sent itself was accepted.
    /// @param taskId the task
    /// @param round of the submission
    /// @param contributor who submitted
    /// @param index of the submission in its round, from 0; {IRoundsLens.submissionPage} has the digest of its page
    /// @param commitment as given to {IRoundsContributors.submit}
    event Submitted(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed contributor,
        uint256 index,
        bytes32 commitment
    );
    /// @notice Relayed submissions were accepted. Both lists leave out those that were skipped.
    /// @param taskId the task
    /// @param round of the submissions
    /// @param firstIndex index of the first one in the round; the others follow it
    /// @param contributors who signed, in the order of the call
    /// @param commitments one for each of them
    event BatchSubmitted(
        uint64 indexed taskId,
        uint32 indexed round,
        uint256 firstIndex,
        address[] contributors,
        bytes32[] commitments
    );
    /// @notice A relayed submission was skipped. The others of its batch are not affected.
    /// @param taskId the task
    /// @param round of the batch
    /// @param contributor as named in the call, whoever signed
    /// @param reason the first one that applies
    event SubmissionSkipped(uint64 indexed taskId, uint32 indexed round, address contributor, SkipReason reason);
    /// @notice Submissions are closed. The beacon's value with `beaconId` will seal the round.
    /// @param taskId the task
    /// @param round that is closed
    /// @param submissions number of accepted submissions, at least 1
    /// @param beaconId identifier of the requested value
    event SubmissionsClosed(uint64 indexed taskId, uint32 indexed round, uint256 submissions, uint64 beaconId);
    /// @notice The round is sealed: cohorts, committees, audits and replays follow from `beacon`.
    /// @param taskId the task
    /// @param round that is sealed; its phases count from the time of this block
    /// @param beacon 32 random bytes
    event RoundSealed(uint64 indexed taskId, uint32 indexed round, bytes32 beacon);
    /// @notice The round ended without pay or fines. Its reserve went back to the escrow.
    /// @param taskId the task
    /// @param round that ended
    /// @param reason why
    event RoundVoided(uint64 indexed taskId, uint32 indexed round, VoidReason reason);
    /// @notice A validator holds a pool and can verify: it counts once its bid is due and that pool is the current one.
    /// @param taskId the task
    /// @param validator who is ready
    /// @param poolRoot root of the task's current or announced pool
    event ValidatorReady(uint64 indexed taskId, address indexed validator, bytes32 poolRoot);
    /// @notice A larger bid took a validator's place, in the roster or among the candidates. Its stake stays reserved: it
    /// may bid again or leave.
    /// @param taskId the task
    /// @param round that opens; of a candidate, the next one
    /// @param outbid who lost its place
    /// @param by who has it now
    event ValidatorOutbid(uint64 indexed taskId, uint32 indexed round, address indexed outbid, address by);
    /// @notice The announced pool is the current one.
    /// @param taskId the task
    /// @param round that opens, the first with this pool
    /// @param poolRoot its Merkle root
    event PoolChanged(uint64 indexed taskId, uint32 indexed round, bytes32 poolRoot);
    /// @notice A validator committed to its score sheets.
    /// @param taskId the task
    /// @param round that is scored
    /// @param validator who committed
    /// @param attempt 0, or 1 in the redraw
    /// @param digest as given to {IRoundsValidators.commitScores}
    event ScoresCommitted(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint8 attempt,
        bytes32 digest
    );
    /// @notice A validator revealed its score sheets.
    /// @param taskId the task
    /// @param round that is scored
    /// @param validator who revealed
    /// @param attempt 0, or 1 in the redraw
    /// @param cohorts that the sheets are about, as committed to
    /// @param words two for each cohort, with entries of 32 bits as in ScoreWords
    /// @param salt of the commitment, so that events alone prove who said it
    event ScoresRevealed(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint8 attempt,
        uint32[] cohorts,
        uint256[] words,
        bytes32 salt
    );
    /// @notice A cohort was settled.
    /// @param taskId the task
    /// @param round of the cohort
    /// @param cohort its number in the round, from 0
    /// @param results one for each member in the order of positions, laid out as in {ResultWordLibrary}. For an
    /// unaudited update they have the running Q and R, and its pay is held. As long as none was judged these are 0, and
    /// the pay is that of the highest values
    event CohortSettled(uint64 indexed taskId, uint32 indexed round, uint32 indexed cohort, ResultWord[] results);
    /// @notice No attempt had a majority: contributors of the cohort get nothing and lose nothing.
    /// @param taskId the task
    /// @param round of the cohort
    /// @param cohort its number in the round, from 0
    event CohortVoided(uint64 indexed taskId, uint32 indexed round, uint32 indexed cohort);
    /// @notice A validator voted for the aggregates of its cohorts. The full hashes are evidence of what it computed.
    /// @param taskId the task
    /// @param round of the cohorts
    /// @param validator who voted
    /// @param cohorts in which it has a seat
    /// @param hashes of their aggregates, in the same order
    event AggregatesVoted(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint32[] cohorts,
        bytes32[] hashes
    );
    /// @notice A root seat voted for the next model.
    /// @param taskId the task
    /// @param round whose next model is voted on
    /// @param validator who voted
    /// @param modelHash hash of the model that it computed
    event ModelVoted(uint64 indexed taskId, uint32 indexed round, address indexed validator, bytes32 modelHash);
    /// @notice A validator missed a duty of the round: it is not paid for the round, and slashed.
    /// @param taskId the task
    /// @param round with the duty
    /// @param validator who missed it
    /// @param slashBps share of the stake reserved for the task, 100…800
    /// @param taken ASSAY wei slashed
    event DutyMissed(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint256 slashBps,
        uint256 taken
    );
    /// @notice A validator did all its duties of the round and was credited.
    /// @param taskId the task
    /// @param round with the duties
    /// @param validator who did them
    /// @param entries V, its accurate entries
    /// @param uptimeBps U, 0 or 10,000…12,000
    /// @param amount reward wei credited, may be 0
    event ValidatorPaid(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint256 entries,
        uint256 uptimeBps,
        uint256 amount
    );
    /// @notice The validator lost its place in the next roster, because it missed five or more of its last ten rounds
    /// with duties.
    /// @param taskId the task
    /// @param validator who loses its place
    event ValidatorRemoved(uint64 indexed taskId, address indexed validator);
    /// @notice Held pay was released: by an audit, or by the rule of {IRoundsHeldPay.releasableOf} without one.
    /// @param taskId the task
    /// @param round of the audit; without one, the last round in which the contributor was settled
    /// @param contributor who is credited
    /// @param amount reward wei
    event HeldReleased(uint64 indexed taskId, uint32 indexed round, address indexed contributor, uint256 amount);
    /// @notice Held pay was cancelled: by a failed audit, as the part that an audit does not release, or because the
    /// contributor leaves before the next one.
    /// @param taskId the task
    /// @param round of the audit; without one, the last round in which the contributor was settled
    /// @param contributor who loses it
    /// @param amount reward wei
    event HeldCancelled(uint64 indexed taskId, uint32 indexed round, address indexed contributor, uint256 amount);
    /// @notice The round ended.
    /// @param taskId the task
    /// @param round that ended
    /// @param modelHash the next round's base model
    /// @param accepted whether more than half of the root seats voted for it; if not, it is the base model of this
    /// round, or of an earlier one that a verdict rolled back to
    /// @param credited reward wei credited in the task since it began
    event RoundFinalized(
        uint64 indexed taskId,
        uint32 indexed round,
        bytes32 modelHash,
        bool accepted,
        uint256 credited
    );
    /// @notice Pay credited by closed rounds was moved from the escrow to the purse.
    /// @param taskId the task
    /// @param amount reward wei, without what the token kept back
    event Collected(uint64 indexed taskId, uint256 amount);
    /// @notice Matured earnings were paid.
    /// @param taskId the task
    /// @param account who earned them
    /// @param to who received them
    /// @param amount reward wei
    event Claimed(uint64 indexed taskId, address indexed account, address to, uint256 amount);
    /// @notice A claim of {IRoundsKeepers.claimMany} failed and changed nothing.
    /// @param taskId the task of the request
    /// @param account of the request
    event ClaimSkipped(uint64 indexed taskId, address indexed account);
    /// @notice A case was opened against an account: pay that hasn't matured is kept from it until the case ends.
    /// @param taskId the task
    /// @param account contributor or validator
    /// @param amount reward wei moved to the bucket; held pay stays held
    /// @param cases open cases against the account in this task now
    event EarningsSeized(uint64 indexed taskId, address indexed account, uint256 amount, uint256 cases);
    /// @notice A case ended without a penalty.
    /// @param taskId the task
    /// @param account contributor or validator
    /// @param amount reward wei given back; 0 while other cases are open
    /// @param cases open cases against the account in this task now
    event EarningsRestored(uint64 indexed taskId, address indexed account, uint256 amount, uint256 cases);
    /// @notice A case ended with a penalty: what was seized belongs to the task again.
    /// @param taskId the task
    /// @param account contributor or validator
    /// @param amount reward wei forfeited, held pay included
    /// @param cases open cases against the account in this task now
    event EarningsForfeited(uint64 indexed taskId, address indexed account, uint256 amount, uint256 cases);
    /// @notice Forfeited pay was moved to the escrow, as funds of the task.
    /// @param taskId the task
    /// @param amount reward wei
    event ForfeitedReturned(uint64 indexed taskId, uint256 amount);
    /// @notice A verdict undid a round: the next one that opens trains from the model that this round trained from.
    /// @param taskId the task
    /// @param round that is undone, and all after it
    /// @param baseModelHash model that the next round trains from
    event ModelRolledBack(uint64 indexed taskId, uint32 indexed round, bytes32 baseModelHash);
    /// @notice A verdict on a round that is undone already changed no model.
    /// @param taskId the task
    /// @param round the verdict's round
    event RollBackIgnored(uint64 indexed taskId, uint32 indexed round);
}
