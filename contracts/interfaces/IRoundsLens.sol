// SPDX-License-Identifier: MIT
// View structs are never stored.
// solhint-disable gas-struct-packing
pragma solidity 0.8.37;

import {IRoundsTypes} from "./IRoundsTypes.sol";

/// @title Views of Rounds
/// @notice Made from the storage slots of {IRounds}, see {RoundsLens}.
interface IRoundsLens is IRoundsTypes {
    /// @param round number of the current or last round, from 1; 0 before the first
    /// @param phase by clock and state
    /// @param submissions number of accepted submissions
    /// @param cohorts number of cohorts, 0 before the seal
    /// @param cohortsDone settled or void cohorts
    /// @param cohortsVoid void cohorts
    /// @param openedBlock number of the block in which the round opened, where readers of events start
    /// @param submitEnd unix seconds: the first second after the submit phase; the ends below likewise
    /// @param openEnd end of the open phase, 0 before the seal, like the four after it
    /// @param commitEnd end of the first attempt's commits
    /// @param revealEnd end of the first attempt's reveals
    /// @param redrawCommitEnd end of the redraw's commits
    /// @param redrawRevealEnd end of the redraw's reveals
    /// @param cohortVoteEnd end of the votes on cohorts' aggregates, 0 before all cohorts are done
    /// @param rootVoteEnd end of the votes on the next model, 0 before all cohorts are done
    /// @param closedAt unix seconds at which the last closed round closed, 0 before the first one closed
    /// @param beaconId identifier of the requested value, 0 before submissions are closed
    /// @param beacon this round's beacon, 0 before the seal
    /// @param previousBeacon beacon of the last sealed round before this one, 0 if there is none
    /// @param baseModelHash model that this round trains from; while Idle, that of the next round
    /// @param rollBackHash model that the next round trains from by a verdict during this round, 0 for none. While Idle
    /// 0: the model is `baseModelHash` by then
    struct RoundView {
        uint32 round;
        Phase phase;
        uint32 submissions;
        uint32 cohorts;
        uint32 cohortsDone;
        uint32 cohortsVoid;
        uint64 openedBlock;
        uint64 submitEnd;
        uint64 openEnd;
        uint64 commitEnd;
        uint64 revealEnd;
        uint64 redrawCommitEnd;
        uint64 redrawRevealEnd;
        uint64 cohortVoteEnd;
        uint64 rootVoteEnd;
        uint64 closedAt;
        uint64 beaconId;
        bytes32 beacon;
        bytes32 previousBeacon;
        bytes32 baseModelHash;
        bytes32 rollBackHash;
    }

    /// @param enrolled whether the contributor takes part now
    /// @param flagged whether an audit failed since the last passed one
    /// @param judged whether an update was ever audited or failed a gate
    /// @param heldRounds rounds that pay is held of, the first one first; at most 128, without still earlier ones
    /// @param lastRound last round submitted to, 0 for none
    /// @param index of that submission, from 0
    /// @param settledRound last round of which an update was settled, 0 for none
    /// @param runningQualityBps running Q of judged rounds, 0…10,000
    /// @param runningRarityBps running R of judged rounds, 0…20,000
    /// @param reputationBps ρ, 5,000…15,000; 0 for an account that never enrolled
    /// @param provenWindows m, pooled windows replayed without a miss, 0…48
    /// @param dataUnits D, capped by the task's limit
    /// @param seen number of settled rounds, counted up to 65,535
    /// @param firstRound first round after the last enrolment, from which on the contributor may submit; it doesn't
    /// count the enrolment if it opened in the same block. 0 for an account that never enrolled
    /// @param enrolledAt unix seconds of the last enrolment, 0 for an account that never enrolled
    struct ParticipantView {
        bool enrolled;
        bool flagged;
        bool judged;
        uint32[] heldRounds;
        uint32 lastRound;
        uint32 index;
        uint32 settledRound;
        uint16 runningQualityBps;
        uint16 runningRarityBps;
        uint16 reputationBps;
        uint8 provenWindows;
        uint32 dataUnits;
        uint16 seen;
        uint32 firstRound;
        uint64 enrolledAt;
    }

    /// @param validator who bids, zero for a free place
    /// @param standing of the bid
    /// @param weight in the draws once the bid counts, 0 or 204…1,024; 0 before the validator takes a place
    /// @param firstRound the first round that the bid counts for
    /// @param bidAt unix seconds of the bid; it doesn't count for a round that opens in its block
    /// @param isReady whether the validator is ready for the current pool; it doesn't count before
    /// @param isReadyForAnnounced whether it is ready for the announced pool
    struct BidView {
        address validator;
        Standing standing;
        uint16 weight;
        uint32 firstRound;
        uint64 bidAt;
        bool isReady;
        bool isReadyForAnnounced;
    }

    /// @param poolRoot Merkle root of the current pool
    /// @param firstRound its first round
    /// @param announcedRoot Merkle root of the announced pool, 0 if none is announced
    /// @param announcedFor the first round of the announced pool, 0 if none is announced
    struct PoolView {
        bytes32 poolRoot;
        uint32 firstRound;
        bytes32 announcedRoot;
        uint32 announcedFor;
    }

    /// @param rosterIndex 0…63, index in the frozen roster; without a place there, index in the next roster, 64…79 for a
    /// candidate; without any place, 0
    /// @param seated whether the validator has a place in the frozen roster
    /// @param frozenWeight weight in this round's draws, 0 or 204…1,024
    /// @param bid for a place in the next roster
    /// @param boundUntil unix seconds until which the validator must keep that place, 0 if it is free to leave
    /// @param lastRound last round in which duties were counted
    /// @param accurateEntries V, accurate entries in that round
    /// @param dutySum decayed sum of duties, in 1/256 of a duty
    /// @param doneSum decayed sum of duties done in time, in 1/256 of a duty
    /// @param dutyTotal number of duties ever, counted up to 65,535
    /// @param uptimeBps U, 0 or 10,000…12,000
    /// @param missedRounds number of missed rounds among the last ten with duties
    struct ValidatorView {
        uint8 rosterIndex;
        bool seated;
        uint16 frozenWeight;
        BidView bid;
        uint64 boundUntil;
        uint32 lastRound;
        uint32 accurateEntries;
        uint32 dutySum;
        uint32 doneSum;
        uint16 dutyTotal;
        uint16 uptimeBps;
        uint16 missedRounds;
    }

    /// @notice Amounts in reward-token wei.
    /// @param matured what a claim would pay now
    /// @param pending what matures later, not counting `held`
    /// @param held what waits for a passed audit
    /// @param seized what open cases keep; what is held is kept too, and not counted here
    /// @param cases open cases against the account
    /// @param nextMaturesAt unix seconds at which the next part of `pending` matures, 0 if there is none
    struct EarningsView {
        uint256 matured;
        uint256 pending;
        uint256 held;
        uint256 seized;
        uint16 cases;
        uint256 nextMaturesAt;
    }

    /// @param attempt 0, or 1 after a redraw
    /// @param settled whether the cohort is settled
    /// @param isVoid whether the cohort is void
    /// @param revealed number of seats that revealed in this attempt; for the root committee, number of seats that
    /// voted
    /// @param seats validators by seat
    struct CohortView {
        uint8 attempt;
        bool settled;
        bool isVoid;
        uint16 revealed;
        address[] seats;
    }

    /// @notice The current or last round of a task.
    /// @param taskId the task; an unknown one reverts with `Rounds_UnknownTask`
    /// @return its numbers, times and hashes
    function roundOf(uint64 taskId) external view returns (RoundView memory);

    /// @notice What the task remembers of a contributor.
    /// @param taskId the task
    /// @param contributor any account
    /// @return its record; all zero for an account that never enrolled
    function participantOf(uint64 taskId, address contributor) external view returns (ParticipantView memory);

    /// @notice What the task remembers of a validator.
    /// @param taskId the task
    /// @param validator any account
    /// @return its places, weights and record
    function validatorOf(uint64 taskId, address validator) external view returns (ValidatorView memory);

    /// @notice Earnings of an account in a task, in wei.
    /// @param taskId the task; an unknown one reverts with `Rounds_UnknownTask`
    /// @param account contributor or validator
    /// @return matured, pending and held wei
    function earningsOf(uint64 taskId, address account) external view returns (EarningsView memory);

    /// @notice A task's totals.
    /// @param taskId the task
    /// @return credited reward wei since the task began, claimed or not
    /// @return held reward wei held now
    /// @return enrolled number of contributors now
    /// @return reputationSum sum of their ρ in bps
    function totalsOf(
        uint64 taskId
    ) external view returns (uint256 credited, uint256 held, uint256 enrolled, uint256 reputationSum);

    /// @notice The purse: reward wei collected from the escrow and not claimed yet.
    /// @param taskId the task
    /// @return reward wei
    function purseOf(uint64 taskId) external view returns (uint256);

    /// @notice Forfeited pay that {IRoundsCourt.returnForfeited} can move to the escrow.
    /// @param taskId the task
    /// @return reward wei
    function forfeitedOf(uint64 taskId) external view returns (uint256);

    /// @notice The frozen roster by index; a free place is the zero address.
    /// @param taskId the task
    /// @return validators 64, by roster index
    /// @return weights 64, by roster index: 0, or 204…1,024
    function rosterOf(uint64 taskId) external view returns (address[] memory validators, uint16[] memory weights);

    /// @notice The bids for the next roster, and whether they count already.
    /// @param taskId the task
    /// @return 80: the places of the next roster by index, behind them 16 places of candidates
    function bidsOf(uint64 taskId) external view returns (BidView[] memory);

    /// @notice The pool that validators judge with.
    /// @param taskId the task; an unknown one reverts with `Rounds_UnknownTask`
    /// @return its root, and that of an announced one
    function poolOf(uint64 taskId) external view returns (PoolView memory);

    /// @notice The root committee, by seat.
    /// @param taskId the task
    /// @return k validators; reverts with `Rounds_UnknownCohort` before the seal
    function rootSeatsOf(uint64 taskId) external view returns (address[] memory);

    /// @notice A cohort's latest committee and state; if it isn't drawn yet, the committee that will be drawn.
    /// @param taskId the task
    /// @param cohort from 0, or type(uint32).max for the root committee; reverts with `Rounds_UnknownCohort` if there
    /// is no such cohort, and before the seal
    /// @return committee and state
    function cohortOf(uint64 taskId, uint32 cohort) external view returns (CohortView memory);

    /// @notice The low 224 bits of each seat's vote, 0 without a vote.
    /// @param taskId the task
    /// @param cohort from 0, or type(uint32).max for the root
    /// @return k votes by seat
    function votesOf(uint64 taskId, uint32 cohort) external view returns (uint224[] memory);

    /// @notice Whether `contributor` may submit in the current round.
    /// @param taskId the task
    /// @param contributor who would submit
    /// @return true if it may; false if no round takes submissions
    function maySubmit(uint64 taskId, address contributor) external view returns (bool);

    /// @notice Digest of a page of 32 submissions, while the ring holds the round. A page that the round has not
    /// reached returns the digest of an earlier round: look at the number of submissions first.
    /// @param taskId the task
    /// @param round from 1
    /// @param page from 0: submission index / 32
    /// @return keccak256(abi.encode(digest so far, contributor, commitment)), starting from 0, over the submissions of
    /// the page in order; 0 for a round that hasn't opened or has left the ring, and for a page that no round can have
    function submissionPage(uint64 taskId, uint32 round, uint256 page) external view returns (bytes32);

    /// @notice Low 224 bits of a validator's commitment to its score sheets, while the ring of eight rounds holds it; of
    /// the first attempt, with its votes of the round folded in: {IRoundsEvidence.sheetOf}.
    /// @param taskId the task
    /// @param round from 1
    /// @param attempt 0, or 1 in the redraw
    /// @param validator who committed
    /// @return low 224 bits of the digest, 0 if there is none
    function scoreCommitment(
        uint64 taskId,
        uint32 round,
        uint8 attempt,
        address validator
    ) external view returns (bytes32);
}
