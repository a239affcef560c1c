// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBeacon} from "./IBeacon.sol";
import {ICourt} from "./ICourt.sol";

/// @title Jury: who decides what no contract can compute
/// @notice A court-wide roster of at most 64 jurors, and panels drawn from it. Jurors don't vote yes or no: each computes
/// the disputed value again and reports it, first as a commitment, then in the clear. The {ICourt} asks for panels,
/// reserves and slashes the jurors' stake, and acts on what a panel reports.
///
/// Safety: a result counts only if more than half of the drawn seats report that same value, in a panel of all jurors
/// more than half of the weight that reported, with half of all weight as quorum. Liveness: each panel ends by the
/// clock or by calls that anyone can make.
interface IJury {
    /// @notice How the jury works, fixed at deployment.
    /// @param minStake least ASSAY wei that a juror reserves, not 0
    /// @param placeDelaySeconds from joining or leaving until it counts
    /// @param bindingSeconds from then until no case can need a juror that left, and the next one may count: longer than a
    /// case lasts
    /// @param drawSeconds within which a panel must be drawn, or its beacon is requested again
    /// @param commitSeconds for commitments; twice as long in a panel of all jurors
    /// @param revealSeconds for reveals; twice as long in a panel of all jurors
    /// @param firstSeats seats of the first panel, odd, 3…31
    /// @param secondSeats seats of the second panel, odd, more than `firstSeats` and at most 31; 0 if the panel after the
    /// first one has all jurors
    struct JuryTerms {
        uint96 minStake;
        uint32 placeDelaySeconds;
        uint32 bindingSeconds;
        uint32 drawSeconds;
        uint32 commitSeconds;
        uint32 revealSeconds;
        uint8 firstSeats;
        uint8 secondSeats;
    }

    /// @notice A juror's place in the roster. It is drawn for panels opened at `from` or later and before `until`.
    /// @param account the juror
    /// @param weight of the stake that it joined with, as {Sampling.weightOf}; slashes don't change it, so that penalties
    /// are the same in every order
    /// @param from unix seconds
    /// @param until unix seconds, the largest number while the juror stays
    struct Place {
        address account;
        uint16 weight;
        uint40 from;
        uint40 until;
    }

    /// @notice Where a panel stands. Drawing: waits for its beacon. Committing, Revealing: jurors vote. Ended: its report
    /// is final. Empty: fewer than three jurors could sit, or no beacon came; it reports nothing.
    enum PanelStatus {
        None,
        Drawing,
        Committing,
        Revealing,
        Ended,
        Empty
    }

    /// @notice What a seat did. Silent: it didn't reveal in time.
    enum SeatStatus {
        NotDrawn,
        Silent,
        Revealed
    }

    /// @notice A panel.
    /// @param openedAt unix seconds, of an appeal those of the case's first panel; the roster of that time is drawn from,
    /// without those who left since
    /// @param requestedAt unix seconds of the last request of a beacon; who had left by then isn't drawn
    /// @param excluded bit i: place i can't be drawn, because it belongs to a party
    /// @param drawn bit i: place i has a seat
    /// @param drawnAt unix seconds, 0 before the draw
    /// @param instance 0 for the first panel of a case, 1 and 2 for those of appeals, 3 for readers
    /// @param beaconId of its draw
    /// @param revealed bit i: place i has revealed
    /// @param totalWeight of all seats: 1 each, or the places' weights in a panel of all jurors
    /// @param revealedWeight of the seats that reported a value
    /// @param leadingWeight of the seats that reported the value with the most weight so far
    /// @param requests of a beacon so far
    /// @param leadingPlace a place that reported that value
    /// @param hasAll whether all jurors have a seat, with their weights
    struct Panel {
        uint40 openedAt;
        uint40 requestedAt;
        uint64 excluded;
        uint64 drawn;
        uint40 drawnAt;
        uint8 instance;
        uint64 beaconId;
        uint64 revealed;
        uint32 totalWeight;
        uint32 revealedWeight;
        uint32 leadingWeight;
        uint8 requests;
        uint8 leadingPlace;
        bool hasAll;
    }

    /// @notice What all jurors decide about a suspended verdict: None as long as neither side has more than half of all
    /// weight.
    enum PollDecision {
        None,
        Execute,
        Annul
    }

    /// @notice A vote of all jurors about a suspended verdict.
    /// @param openedAt unix seconds; who was a juror then may vote, 0 if there is none
    /// @param voted bit i: place i has voted
    /// @param totalWeight of all who may
    /// @param weightFor of those who want the verdict carried out at once
    /// @param weightAgainst of those who want it annulled
    struct Poll {
        uint40 openedAt;
        uint64 voted;
        uint24 totalWeight;
        uint24 weightFor;
        uint24 weightAgainst;
    }

    /// @notice A juror took a place.
    /// @param juror its account
    /// @param place 0…63
    /// @param weight of its stake
    /// @param from unix seconds from which it can be drawn
    event JurorSeated(address indexed juror, uint256 place, uint256 weight, uint256 from);
    /// @notice A juror gives up its place, or loses it to a larger stake.
    /// @param juror its account
    /// @param place 0…63
    /// @param until unix seconds from which it isn't drawn for new panels; now if it only waited and was displaced
    event JurorLeaving(address indexed juror, uint256 place, uint256 until);
    /// @notice A panel was opened, or its beacon was requested again.
    /// @param panelId its number, from 1
    /// @param instance 0 for the first panel of a case, 1 and 2 for appeals, 3 for readers
    /// @param beaconId of the draw, 0 if the beacon refused
    event PanelRequested(uint256 indexed panelId, uint256 instance, uint64 beaconId);
    /// @notice A panel was drawn.
    /// @param panelId the panel
    /// @param drawn bit i: the juror at place i has a seat
    /// @param commitEnd unix seconds at which commitments end
    /// @param revealEnd unix seconds at which reveals end
    event PanelDrawn(uint256 indexed panelId, uint64 drawn, uint256 commitEnd, uint256 revealEnd);
    /// @notice A panel ended without a jury.
    /// @param panelId the panel
    /// @param eligible jurors who could have been drawn, 0 if no beacon came
    event PanelEmpty(uint256 indexed panelId, uint256 eligible);
    /// @notice A juror committed to its vote.
    /// @param panelId the panel
    /// @param juror its account
    /// @param digest the commitment
    event VoteCommitted(uint256 indexed panelId, address indexed juror, bytes32 digest);
    /// @notice A juror revealed its vote.
    /// @param panelId the panel
    /// @param juror its account
    /// @param result the value that it computed, {CANNOT_EXECUTE}, {EVIDENCE_MISSING} or {UPDATE_UNAVAILABLE}
    /// @param witness keccak256 of the juror and all intermediate values of its computation
    event VoteRevealed(uint256 indexed panelId, address indexed juror, bytes32 result, bytes32 witness);

    /// @notice All jurors can vote about a suspended verdict.
    /// @param caseId the case
    /// @param totalWeight of all jurors
    event PollOpened(uint256 indexed caseId, uint256 totalWeight);
    /// @notice A juror voted about a suspended verdict.
    /// @param caseId the case
    /// @param juror its account
    /// @param isForExecution whether it is to be carried out at once; else it is to be annulled
    /// @param weight of the juror
    event PollVoted(uint256 indexed caseId, address indexed juror, bool isForExecution, uint256 weight);

    /// @notice The caller is not the court.
    /// @param caller who called
    /// @param court the court
    error Jury_OnlyCourt(address caller, address court);
    /// @notice A deployment parameter, or the instance of a panel, is out of bounds.
    /// @param parameter its name
    /// @param value given
    /// @param minimum least
    /// @param maximum most
    error Jury_OutOfBounds(string parameter, uint256 value, uint256 minimum, uint256 maximum);
    /// @notice A panel that is drawn must have an odd number of seats, so that it can't be tied.
    /// @param parameter its name
    /// @param seats given
    error Jury_EvenSeats(string parameter, uint256 seats);
    /// @notice The account has a place, or its stake isn't released yet.
    /// @param juror the account
    /// @param place 0…63, 64 if its place has passed on
    error Jury_AlreadySeated(address juror, uint256 place);
    /// @notice The account has no place.
    /// @param juror the account
    error Jury_NotAJuror(address juror);
    /// @notice A juror must reserve at least the minimum.
    /// @param stake ASSAY wei offered
    /// @param minimum ASSAY wei
    error Jury_StakeTooLow(uint256 stake, uint256 minimum);
    /// @notice All places are taken by stakes at least as large.
    /// @param weight of the stake offered
    /// @param smallest weight of a place that could be taken
    error Jury_RosterFull(uint256 weight, uint256 smallest);
    /// @notice A case can still need the juror.
    /// @param juror the account
    /// @param freeAt unix seconds from which none can, the largest number if it hasn't left
    error Jury_StillBound(address juror, uint256 freeAt);
    /// @notice The panel isn't in the phase that the call belongs to.
    /// @param panelId the panel
    /// @param status it is in
    /// @param needed the call belongs to
    error Jury_WrongStatus(uint256 panelId, PanelStatus status, PanelStatus needed);
    /// @notice The verdict of this case wasn't suspended.
    /// @param caseId given
    error Jury_NoPoll(uint256 caseId);
    /// @notice The caller had no place there when the verdict was suspended.
    /// @param caseId the case
    /// @param place 0…63
    /// @param caller who called
    error Jury_NotInPoll(uint256 caseId, uint256 place, address caller);
    /// @notice The juror has voted about this verdict.
    /// @param caseId the case
    /// @param juror the account
    error Jury_PollVoted(uint256 caseId, address juror);
    /// @notice A panel has this number.
    /// @param panelId given
    error Jury_PanelExists(uint256 panelId);
    /// @notice The beacon has no value yet.
    /// @param panelId the panel
    /// @param beaconId of its draw
    error Jury_BeaconPending(uint256 panelId, uint64 beaconId);
    /// @notice The caller has no seat in the panel at that place.
    /// @param panelId the panel
    /// @param place 0…63
    /// @param caller who called
    error Jury_NoSeat(uint256 panelId, uint256 place, address caller);
    /// @notice The juror has committed already, or revealed.
    /// @param panelId the panel
    /// @param juror the account
    error Jury_AlreadyVoted(uint256 panelId, address juror);
    /// @notice A vote must not be zero.
    /// @param panelId the panel
    error Jury_ZeroVote(uint256 panelId);
    /// @notice The reveal is not what the juror committed to.
    /// @param panelId the panel
    /// @param given keccak256 of the reveal
    /// @param committed the stored commitment
    error Jury_CommitmentMismatch(uint256 panelId, bytes32 given, bytes32 committed);

    /// @notice Gives an account the place that is free first, or that of the smallest stake if the new one is larger. It
    /// counts after `placeDelaySeconds`, behind a juror that leaves or is outbid not before that one's `bindingSeconds`
    /// have passed. Only the court, which has reserved the stake.
    /// @param juror the account
    /// @param stake ASSAY wei reserved
    /// @return displaced a juror that waited for this place and loses it at once, zero if there is none; its stake is free
    function admit(address juror, uint256 stake) external returns (address displaced);

    /// @notice A juror gives up its place: it isn't drawn for panels that open after `placeDelaySeconds`. One that waits
    /// longer never counts, and is bound from the time at which it would have. Nothing happens if it leaves already. Only
    /// the court.
    /// @param juror the account
    function dismiss(address juror) external;

    /// @notice As {dismiss}, for a juror that was at fault. Nothing happens if the account has no place any more. Only the
    /// court.
    /// @param juror the account
    function expel(address juror) external;

    /// @notice Ends what binds a juror, `bindingSeconds` after it left. Reverts with `Jury_StillBound` before. Only the
    /// court, which releases the stake then.
    /// @param juror the account
    function remove(address juror) external;

    /// @notice Opens a panel and requests its beacon. An account that joins the roster afterwards isn't drawn. Only the
    /// court.
    /// @param panelId its number, from 1, which no panel has yet
    /// @param instance 0 for the first panel of a case, 1 and 2 for appeals, 3 for readers
    /// @param parties accounts that can't be drawn
    function openPanel(uint256 panelId, uint256 instance, address[] calldata parties) external;

    /// @notice Opens the panel of an appeal: from the roster of the time when the former one was opened, without the parties
    /// of that time. Nobody joins to sit in a case that exists. Only the court.
    /// @param panelId its number, which no panel has yet
    /// @param instance 1 or 2
    /// @param formerId the panel that is appealed against
    function openNextPanel(uint256 panelId, uint256 instance, uint256 formerId) external;

    /// @notice Draws a panel once its beacon exists, or requests the beacon again if it expired or nobody drew in time.
    /// After six requests, or with fewer than three jurors, the panel ends empty. Anyone, so nobody waits by choice.
    /// @param panelId the panel
    function draw(uint256 panelId) external;

    /// @notice Commits the caller to its vote. Once a panel.
    /// @param panelId the panel
    /// @param place the caller's, 0…63
    /// @param digest keccak256(abi.encode(chainid, jury, panelId, juror, result, witness, salt))
    function commitVote(uint256 panelId, uint256 place, bytes32 digest) external;

    /// @notice Reveals the caller's vote.
    /// @param panelId the panel
    /// @param place the caller's, 0…63
    /// @param result the value that it computed, {CANNOT_EXECUTE}, {EVIDENCE_MISSING} or {UPDATE_UNAVAILABLE}, not zero
    /// @param witness keccak256 of the juror and all intermediate values of its computation
    /// @param salt of the commitment
    function revealVote(uint256 panelId, uint256 place, bytes32 result, bytes32 witness, bytes32 salt) external;

    /// @notice Lets all jurors of this moment vote about a verdict that the guardian suspends. Only the court.
    /// @param caseId the case
    function openPoll(uint256 caseId) external;

    /// @notice Votes about a suspended verdict, once. Parties may: more than half of all weight is needed either way.
    /// @param caseId the case
    /// @param place the caller's, 0…63
    /// @param isForExecution true to have it carried out at once, false to annul it
    function votePoll(uint256 caseId, uint256 place, bool isForExecution) external;

    /// @notice A vote about a suspended verdict as stored.
    /// @param caseId the case
    /// @return the vote; its `openedAt` is 0 if there is none
    function pollOf(uint256 caseId) external view returns (Poll memory);

    /// @notice What the jurors have decided about a suspended verdict.
    /// @param caseId the case
    /// @return None unless one side has more than half of all weight
    function decisionOf(uint256 caseId) external view returns (PollDecision);

    /// @notice Where a panel stands now.
    /// @param panelId the panel
    /// @return its status, None if it doesn't exist
    function statusOf(uint256 panelId) external view returns (PanelStatus);

    /// @notice What an ended panel reports.
    /// @param panelId the panel
    /// @return result the value that has the majority it needs, 0 if none has
    function reportOf(uint256 panelId) external view returns (bytes32 result);

    /// @notice What an ended panel's report means for a case.
    /// @param panelId the panel
    /// @param kind of the case
    /// @param accused value of the case
    /// @return verdict None before the end; Unavailable where jurors can't get the update that was scored
    /// @return result as {reportOf}, 0 before the end
    /// @return endedAt unix seconds at which its reveals end, or at which it ended empty; 0 before its draw
    /// @return seats drawn
    function outcomeOf(
        uint256 panelId,
        ICourt.CaseKind kind,
        bytes32 accused
    ) external view returns (ICourt.Verdict verdict, bytes32 result, uint256 endedAt, uint256 seats);

    /// @notice Whether any seat of a panel reported a value.
    /// @param panelId the panel
    /// @return true if one revealed anything but {CANNOT_EXECUTE}
    function hasReports(uint256 panelId) external view returns (bool);

    /// @notice A panel as stored.
    /// @param panelId the panel
    /// @return the panel
    function panelOf(uint256 panelId) external view returns (Panel memory);

    /// @notice Unix seconds at which a drawn panel's reveals end, 0 before its draw.
    /// @param panelId the panel
    /// @return unix seconds
    function revealEndOf(uint256 panelId) external view returns (uint256);

    /// @notice Unix seconds until which those who have a case's evidence announce its keys to a drawn panel: half of the
    /// time for commitments. What is announced later counts as missing. 0 before the draw.
    /// @param panelId the panel
    /// @return unix seconds
    function deliveryEndOf(uint256 panelId) external view returns (uint256);

    /// @notice What a seat of an ended panel did.
    /// @param panelId the panel
    /// @param place 0…63
    /// @return status whether it was drawn, and revealed
    /// @return juror who sat there; zero, with weight 0, once its `bindingSeconds` are over and its place has passed on
    /// @return weight of the stake that it joined with
    /// @return result what it reported, 0 if it didn't
    function seatOf(
        uint256 panelId,
        uint256 place
    ) external view returns (SeatStatus status, address juror, uint256 weight, bytes32 result);

    /// @notice Who has a place now, or will.
    /// @param place 0…63
    /// @return current in the place now, or the last one
    /// @return next takes it at `next.from`; its account is zero if there is none
    function placeOf(uint256 place) external view returns (Place memory current, Place memory next);

    /// @notice A juror's place.
    /// @param juror any account
    /// @return isSeated whether it has one, also while it leaves or waits, or until its stake is released
    /// @return place 0…63, 64 if its place has passed on
    function placeOfJuror(address juror) external view returns (bool isSeated, uint256 place);

    /// @notice The longest time from the opening of a panel to its end, if somebody calls {draw} whenever it is due.
    /// @param instance 0, 1 or 2; 3 for readers
    /// @return seconds
    function panelSeconds(uint256 instance) external view returns (uint256);

    /// @notice The number of a case's last panel, which has all jurors.
    /// @return 1 or 2
    function lastInstance() external view returns (uint256);

    /// @notice The terms of the deployment.
    /// @return as given
    function terms() external view returns (JuryTerms memory);

    /// @notice The court that asks for panels.
    /// @return its address
    function court() external view returns (address);

    /// @notice The randomness of the draws.
    /// @return the contract
    function beacon() external view returns (IBeacon);

    /// @notice Reported by a juror whose machine can't compute the value. It never counts for or against anyone.
    /// @return 1
    function CANNOT_EXECUTE() external view returns (bytes32);

    /// @notice Reported by a juror that can't get what the challenger had to show, and by one that reads a window and
    /// can't get what the defendant had to show.
    /// @return 2
    function EVIDENCE_MISSING() external view returns (bytes32);

    /// @notice Reported by a juror that can't get the update which the accused of a score case has scored.
    /// @return 3
    function UPDATE_UNAVAILABLE() external view returns (bytes32);
}
