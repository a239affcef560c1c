// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ResultWord} from "../types/ResultWord.sol";
import {IRoundsTypes} from "./IRoundsTypes.sol";

/// @title What Rounds tells
/// @notice Events. See {IRounds}.
interface IRoundsEvents is IRoundsTypes {
    /// @notice A round takes submissions.
    /// @param taskId the task
    /// @param round its number, from 1
    /// @param baseModelHash model that the round trains from
    /// @param reserved reward wei held back: the most that the round can cost
    /// @param submitEnd unix seconds at which submissions end
    event RoundOpened(
        uint64 indexed taskId,
        uint32 indexed round,
        bytes32 baseModelHash,
        uint256 reserved,
        uint256 submitEnd
    );
    /// @notice The roster changed: committees of this round are drawn from these validators by these weights, by roster index.
    /// @param taskId the task
    /// @param round that opens, the first to draw from this roster
    /// @param validators 64, by roster index; a free place is the zero address
    /// @param weights 64, by roster index: 0, or 204…1,024
    event RosterFrozen(uint64 indexed taskId, uint32 indexed round, address[] validators, uint16[] weights);
    /// @notice A submission was accepted, by its contributor itself.
    /// @param taskId the task
    /// @param round it belongs to
    /// @param contributor who submitted
    /// @param index of the submission in its round, from 0; {IRoundsLens.submissionPage} has its page's digest
    /// @param commitment as given to {IRoundsContributors.submit}
    event Submitted(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed contributor,
        uint256 index,
        bytes32 commitment
    );
    /// @notice Relayed submissions were accepted; those that were skipped are left out of both lists.
    /// @param taskId the task
    /// @param round they belong to
    /// @param firstIndex index of the first one in the round, the others' follow
    /// @param contributors who signed, in the order of the call
    /// @param commitments of each of them
    event BatchSubmitted(
        uint64 indexed taskId,
        uint32 indexed round,
        uint256 firstIndex,
        address[] contributors,
        bytes32[] commitments
    );
    /// @notice A relayed submission was not accepted; the others of its batch are not touched.
    /// @param taskId the task
    /// @param round of the batch
    /// @param contributor named in the call, whoever signed
    /// @param reason the first one found
    event SubmissionSkipped(uint64 indexed taskId, uint32 indexed round, address contributor, SkipReason reason);
    /// @notice No more submissions; the beacon named by `beaconId` will seal the round.
    /// @param taskId the task
    /// @param round that is closed
    /// @param submissions number of accepted ones, at least 1
    /// @param beaconId of the beacon's value that counts
    event SubmissionsClosed(uint64 indexed taskId, uint32 indexed round, uint256 submissions, uint64 beaconId);
    /// @notice Cohorts, committees, audits and replays of the round follow from `beacon` from now on.
    /// @param taskId the task
    /// @param round that is sealed; its phases count from this block's time
    /// @param beacon 32 random bytes
    event RoundSealed(uint64 indexed taskId, uint32 indexed round, bytes32 beacon);
    /// @notice The round ended without pay or fault: its reserve went back to the task.
    /// @param taskId the task
    /// @param round that ended
    /// @param reason why
    event RoundVoided(uint64 indexed taskId, uint32 indexed round, VoidReason reason);
    /// @notice A validator committed to its scores.
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
    /// @notice A validator revealed its scores.
    /// @param taskId the task
    /// @param round that is scored
    /// @param validator who revealed
    /// @param attempt 0, or 1 in the redraw
    /// @param cohorts in which it has a seat, as committed to
    /// @param words two a cohort, entries of 32 bits as in ScoreWords
    event ScoresRevealed(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint8 attempt,
        uint32[] cohorts,
        uint256[] words
    );
    /// @notice A cohort was settled.
    /// @param taskId the task
    /// @param round of the cohort
    /// @param cohort its number in the round, from 0
    /// @param results one a member, in position order, laid out as in {ResultWordLibrary}. Of an unaudited update Q and R are the running
    /// ones, and its pay is held
    event CohortSettled(uint64 indexed taskId, uint32 indexed round, uint32 indexed cohort, ResultWord[] results);
    /// @notice Neither draw found a majority: the cohort pays its contributors nothing and costs them nothing.
    /// @param taskId the task
    /// @param round of the cohort
    /// @param cohort its number in the round, from 0
    event CohortVoided(uint64 indexed taskId, uint32 indexed round, uint32 indexed cohort);
    /// @notice A validator voted for the aggregates of its cohorts: full hashes, evidence of what it computed.
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
    /// @notice A seat of the root committee voted for the next model.
    /// @param taskId the task
    /// @param round whose next model is voted on
    /// @param validator who voted
    /// @param modelHash what it computed
    event ModelVoted(uint64 indexed taskId, uint32 indexed round, address indexed validator, bytes32 modelHash);
    /// @notice A validator missed a duty of the round: no pay for it, and a slash.
    /// @param taskId the task
    /// @param round with the duty
    /// @param validator who missed it
    /// @param slashBps share of the stake reserved for the task, 100…800
    /// @param taken ASSAY wei that were there to be slashed
    event DutyMissed(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint256 slashBps,
        uint256 taken
    );
    /// @notice A validator did all its duties of the round.
    /// @param taskId the task
    /// @param round with the duties
    /// @param validator whose earnings grow
    /// @param entries accurate ones, V
    /// @param uptimeBps U, 0 or 10,000…12,000
    /// @param amount reward wei earned, may be 0
    event ValidatorPaid(
        uint64 indexed taskId,
        uint32 indexed round,
        address indexed validator,
        uint256 entries,
        uint256 uptimeBps,
        uint256 amount
    );
    /// @notice The fifth missed round in ten, or more of them: the validator has no place in the next roster.
    /// @param taskId the task
    /// @param validator who loses its place
    event ValidatorRemoved(uint64 indexed taskId, address indexed validator);
    /// @notice Held pay is earned: an audit was passed, or the contributor leaves and none can come any more.
    /// @param taskId the task
    /// @param round of the audit; of who leaves, the last one settled for it
    /// @param contributor whose earnings grow
    /// @param amount reward wei
    event HeldReleased(uint64 indexed taskId, uint32 indexed round, address indexed contributor, uint256 amount);
    /// @notice Held pay is lost: an audit failed, or the contributor leaves before the next one.
    /// @param taskId the task
    /// @param round of the audit; of who leaves, the last one settled for it
    /// @param contributor who loses it
    /// @param amount reward wei
    event HeldCancelled(uint64 indexed taskId, uint32 indexed round, address indexed contributor, uint256 amount);
    /// @notice The round is over.
    /// @param taskId the task
    /// @param round that ended
    /// @param modelHash the next round's base model
    /// @param accepted whether more than half of the root seats agreed on it; if not, it is the base model of this round
    /// @param credited reward wei ever credited in the task
    event RoundFinalized(
        uint64 indexed taskId,
        uint32 indexed round,
        bytes32 modelHash,
        bool accepted,
        uint256 credited
    );
    /// @notice `amount` wei that closed rounds credited came from the escrow; claims are paid from them.
    /// @param taskId the task
    /// @param amount reward wei, what the token kept for itself not counted
    event Collected(uint64 indexed taskId, uint256 amount);
    /// @notice Matured earnings were paid.
    /// @param taskId the task
    /// @param account who earned them
    /// @param to who got them
    /// @param amount reward wei
    event Claimed(uint64 indexed taskId, address indexed account, address to, uint256 amount);
    /// @notice One of many claims could not be paid; nothing changed for it.
    /// @param taskId the task of the request
    /// @param account of the request
    event ClaimSkipped(uint64 indexed taskId, address indexed account);
}
