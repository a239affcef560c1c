// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBeacon} from "./interfaces/IBeacon.sol";
import {ICourt} from "./interfaces/ICourt.sol";
import {IJury} from "./interfaces/IJury.sol";
import {JuryAnswers} from "./libraries/JuryAnswers.sol";
import {Readings} from "./libraries/Readings.sol";
import {Sampling} from "./libraries/Sampling.sol";
import {WeightLanes} from "./types/WeightLanes.sol";
import {Ballots} from "./court/Ballots.sol";
import {Polls} from "./court/Polls.sol";

/// @title Jury
/// @notice See {IJury}. The {Court} has it created, and is the only one that can ask it for panels.
///
/// Assumed for safety: nobody knows the beacon's value before a panel is opened.
contract Jury is Polls, Ballots {
    /// @inheritdoc IJury
    bytes32 public constant CANNOT_EXECUTE = JuryAnswers.CANNOT_EXECUTE;
    /// @inheritdoc IJury
    bytes32 public constant EVIDENCE_MISSING = JuryAnswers.EVIDENCE_MISSING;
    /// @inheritdoc IJury
    bytes32 public constant UPDATE_UNAVAILABLE = JuryAnswers.UPDATE_UNAVAILABLE;
    /// @notice Fewest jurors of a panel.
    uint256 public constant MIN_SEATS = 3;
    /// @notice Most seats of a panel that is drawn: {Sampling.drawCommittee} packs 32.
    uint256 public constant MAX_SEATS = 31;
    /// @notice Requests of a beacon until a panel ends without a jury.
    uint256 public constant MAX_REQUESTS = 6;
    /// @notice Most of {IJury.JuryTerms} `minStake`, as for tasks: 10⁹ ASSAY.
    uint256 public constant MAX_STAKE = 1e9 ether;
    /// @notice Longest time for commitments or reveals, and longest wait for a beacon.
    uint256 public constant MAX_PHASE_SECONDS = 7 days;
    /// @notice Longest time that a place stays bound to a juror that left.
    uint256 public constant MAX_BINDING_SECONDS = 180 days;
    /// A panel of all jurors has this many times the usual time to vote.
    uint256 private constant TIME_FOR_ALL = 2;
    /// One request in {Opening} `requestsAndInstance`.
    uint256 private constant REQUEST = 4;

    IBeacon private immutable _BEACON;
    uint32 private immutable _DRAW_SECONDS;
    uint32 private immutable _COMMIT_SECONDS;
    uint32 private immutable _REVEAL_SECONDS;
    uint8 private immutable _FIRST_SEATS;
    uint8 private immutable _SECOND_SEATS;

    /// What is fixed before a draw: one slot.
    struct Opening {
        uint40 openedAt;
        uint40 requestedAt;
        uint40 drawnAt;
        uint64 excluded;
        uint64 beaconId;
        /// Requests of a beacon × 4 + instance.
        uint8 requestsAndInstance;
    }

    mapping(uint256 panelId => Opening) private _openings;
    /// @notice Sets the terms, for good.
    /// @param court_ the only one that can ask for panels
    /// @param beacon_ the randomness of the draws
    /// @param terms_ see {IJury.JuryTerms}
    constructor(
        address court_,
        IBeacon beacon_,
        JuryTerms memory terms_
    ) Polls(court_, terms_.minStake, terms_.placeDelaySeconds, terms_.bindingSeconds) {
        _requireWithin("minStake", terms_.minStake, 1 ether, MAX_STAKE);
        _requireWithin("placeDelaySeconds", terms_.placeDelaySeconds, 1, MAX_PHASE_SECONDS);
        _requireWithin("bindingSeconds", terms_.bindingSeconds, 1, MAX_BINDING_SECONDS);
        _requireWithin("drawSeconds", terms_.drawSeconds, 1, MAX_PHASE_SECONDS);
        _requireWithin("commitSeconds", terms_.commitSeconds, 1, MAX_PHASE_SECONDS);
        _requireWithin("revealSeconds", terms_.revealSeconds, 1, MAX_PHASE_SECONDS);
        _requireSeats("firstSeats", terms_.firstSeats, MIN_SEATS);
        if (terms_.secondSeats != 0) _requireSeats("secondSeats", terms_.secondSeats, terms_.firstSeats + 2);

        _BEACON = beacon_;
        _DRAW_SECONDS = terms_.drawSeconds;
        _COMMIT_SECONDS = terms_.commitSeconds;
        _REVEAL_SECONDS = terms_.revealSeconds;
        _FIRST_SEATS = terms_.firstSeats;
        _SECOND_SEATS = terms_.secondSeats;
    }

    function _requireSeats(string memory parameter, uint256 seats, uint256 minimum) private pure {
        _requireWithin(parameter, seats, minimum, MAX_SEATS);
        // An even panel could be tied.
        if (seats % 2 == 0) revert Jury_EvenSeats(parameter, seats);
    }

    function _requireWithin(string memory parameter, uint256 value, uint256 minimum, uint256 maximum) private pure {
        if (value < minimum || value > maximum) revert Jury_OutOfBounds(parameter, value, minimum, maximum);
    }

    // ---- panels

    /// @inheritdoc IJury
    function openPanel(uint256 panelId, uint256 instance, address[] calldata parties) external onlyCourt {
        // The roster of this moment will be drawn from, however often the beacon is requested: a party that joins
        // later can't be drawn either.
        _open(panelId, instance, block.timestamp, _placesOf(parties));
    }

    /// @inheritdoc IJury
    function openNextPanel(uint256 panelId, uint256 instance, uint256 formerId) external onlyCourt {
        // A place is bound to its juror for longer than a case lasts: the former mask holds.
        Opening memory former = _openings[formerId];
        _open(panelId, instance, former.openedAt, former.excluded);
    }

    function _open(uint256 panelId, uint256 instance, uint256 openedAt, uint256 excluded) private {
        if (instance != Readings.INSTANCE) _requireWithin("instance", instance, 0, lastInstance());
        if (_openings[panelId].openedAt != 0) revert Jury_PanelExists(panelId);

        Opening memory opening;
        (opening.openedAt, opening.excluded) = (uint40(openedAt), uint64(excluded));
        opening.requestsAndInstance = uint8(instance);
        _requestBeacon(panelId, opening);
    }

    /// @dev Requests a beacon for a panel and stores it. A beacon that refuses must not keep a case from being opened, or
    /// lock one: it counts as pending until the next request.
    function _requestBeacon(uint256 panelId, Opening memory opening) private {
        try _BEACON.request() returns (uint64 beaconId) {
            opening.beaconId = beaconId;
        } catch {
            opening.beaconId = 0;
        }
        opening.requestedAt = uint40(block.timestamp);
        opening.requestsAndInstance += uint8(REQUEST);
        _openings[panelId] = opening;

        emit PanelRequested(panelId, _instanceOf(opening), opening.beaconId);
    }

    /// @inheritdoc IJury
    function draw(uint256 panelId) external {
        Opening memory opening = _requireStatus(panelId, PanelStatus.Drawing);
        (IBeacon.Status status, bytes32 value) = _readBeacon(opening.beaconId);
        // A place is bound to its juror for as long as a case lasts whose panels are drawn in time.
        if (block.timestamp < uint256(opening.requestedAt) + _DRAW_SECONDS) {
            if (status == IBeacon.Status.Pending) revert Jury_BeaconPending(panelId, opening.beaconId);
            if (status == IBeacon.Status.Ready) {
                _seat(panelId, opening, value);
                return;
            }
        }
        if (opening.requestsAndInstance / REQUEST < MAX_REQUESTS) {
            _requestBeacon(panelId, opening);
            return;
        }
        _openings[panelId].drawnAt = uint40(block.timestamp);
        emit PanelEmpty(panelId, 0);
    }

    /// @dev Reads the beacon. One that reverts counts as pending: it must not lock a case.
    function _readBeacon(uint64 beaconId) private view returns (IBeacon.Status, bytes32) {
        if (beaconId == 0) return (IBeacon.Status.Pending, 0);
        try _BEACON.read(beaconId) returns (IBeacon.Status status, bytes32 value) {
            return (status, value);
        } catch {
            return (IBeacon.Status.Pending, 0);
        }
    }

    /// @dev Draws the seats; all who can sit get one if there are no more than seats, or in the last instance.
    function _seat(uint256 panelId, Opening memory opening, bytes32 beaconValue) private {
        (uint256[4] memory weights, uint256 eligible, uint256 count, uint256 sum) = _eligible(opening);
        _openings[panelId].drawnAt = uint40(block.timestamp);
        if (count < MIN_SEATS) {
            emit PanelEmpty(panelId, count);
            return;
        }
        uint256 instance = _instanceOf(opening);
        uint256 seats = _seatsOf(instance);
        Tally memory tally;
        if (seats == 0) {
            (tally.drawn, tally.hasAll, tally.totalWeight) = (uint64(eligible), true, uint24(sum));
        } else if (count <= seats) {
            (tally.drawn, tally.totalWeight) = (uint64(eligible), uint24(count));
        } else {
            bytes32 seed = keccak256(abi.encode(beaconValue, panelId));
            uint256 drawn = Sampling.drawCommittee(seed, weights, seats, 0);
            (tally.drawn, tally.totalWeight) = (uint64(Sampling.seatMask(drawn, seats)), uint24(seats));
        }
        _tallies[panelId] = tally;
        uint256 commitEnd = block.timestamp + _phaseSeconds(instance, _COMMIT_SECONDS);
        emit PanelDrawn(panelId, tally.drawn, commitEnd, commitEnd + _phaseSeconds(instance, _REVEAL_SECONDS));
    }

    /// @dev Who can sit in a panel: jurors whose place counted when it was opened, but the parties and those who had left
    /// before the beacon was requested again.
    function _eligible(
        Opening memory opening
    ) private view returns (uint256[4] memory weights, uint256 mask, uint256 count, uint256 sum) {
        uint256 excluded = opening.excluded;
        for (uint256 place = 0; place < Sampling.MAX_VALIDATORS; ++place) {
            if ((excluded >> place) & 1 == 1) continue;
            Place memory seat = _seatedAt(place, opening.openedAt);
            if (seat.weight == 0 || seat.until <= opening.requestedAt) continue;
            WeightLanes.setWeight(weights, place, seat.weight);
            mask |= 1 << place;
            ++count;
            sum += seat.weight;
        }
    }

    // ---- votes

    /// @inheritdoc IJury
    function commitVote(uint256 panelId, uint256 place, bytes32 digest) external {
        Opening memory opening = _requireStatus(panelId, PanelStatus.Committing);
        _requireSeat(panelId, opening, _tallies[panelId].drawn, place);
        if (digest == 0) revert Jury_ZeroVote(panelId);
        if (_votes[panelId][place] != 0) revert Jury_AlreadyVoted(panelId, msg.sender);

        _votes[panelId][place] = digest;

        emit VoteCommitted(panelId, msg.sender, digest);
    }

    /// @inheritdoc IJury
    function revealVote(uint256 panelId, uint256 place, bytes32 result, bytes32 witness, bytes32 salt) external {
        Opening memory opening = _requireStatus(panelId, PanelStatus.Revealing);
        Tally memory tally = _tallies[panelId];
        uint256 weight = _requireSeat(panelId, opening, tally.drawn, place);
        if (result == 0) revert Jury_ZeroVote(panelId);
        if ((tally.revealed >> place) & 1 == 1) revert Jury_AlreadyVoted(panelId, msg.sender);
        bytes32 committed = _votes[panelId][place];
        bytes32 digest = keccak256(
            abi.encode(block.chainid, address(this), panelId, msg.sender, result, witness, salt)
        );
        if (digest != committed) revert Jury_CommitmentMismatch(panelId, digest, committed);

        _votes[panelId][place] = result;
        tally.revealed |= uint64(1 << place);
        if (result != CANNOT_EXECUTE) _count(panelId, tally, place, result, tally.hasAll ? weight : 1);
        _tallies[panelId] = tally;

        emit VoteRevealed(panelId, msg.sender, result, witness);
    }

    /// @dev The weight of the caller's place; reverts unless it has a seat.
    function _requireSeat(
        uint256 panelId,
        Opening memory opening,
        uint256 drawn,
        uint256 place
    ) private view returns (uint256) {
        Place memory seat = _seatedAt(place, opening.openedAt);
        bool isDrawn = place < Sampling.MAX_VALIDATORS && (drawn >> place) & 1 == 1;
        if (!isDrawn || seat.account != msg.sender) revert Jury_NoSeat(panelId, place, msg.sender);
        return seat.weight;
    }

    // ---- reading

    function _requireStatus(uint256 panelId, PanelStatus needed) private view returns (Opening memory opening) {
        opening = _openings[panelId];
        PanelStatus status = _statusOf(panelId, opening);
        if (status != needed) revert Jury_WrongStatus(panelId, status, needed);
    }

    /// @inheritdoc IJury
    function statusOf(uint256 panelId) external view returns (PanelStatus) {
        return _statusOf(panelId, _openings[panelId]);
    }

    function _statusOf(uint256 panelId, Opening memory opening) private view returns (PanelStatus) {
        if (opening.openedAt == 0) return PanelStatus.None;
        if (opening.drawnAt == 0) return PanelStatus.Drawing;
        if (_tallies[panelId].drawn == 0) return PanelStatus.Empty;
        uint256 commitEnd = opening.drawnAt + _phaseSeconds(_instanceOf(opening), _COMMIT_SECONDS);
        if (block.timestamp < commitEnd) return PanelStatus.Committing;
        return block.timestamp < _revealEndOf(opening) ? PanelStatus.Revealing : PanelStatus.Ended;
    }

    /// @inheritdoc IJury
    function revealEndOf(uint256 panelId) external view returns (uint256) {
        return _revealEndOf(_openings[panelId]);
    }

    function _revealEndOf(Opening memory opening) private view returns (uint256) {
        if (opening.drawnAt == 0) return 0;
        return opening.drawnAt + _phaseSeconds(_instanceOf(opening), uint256(_COMMIT_SECONDS) + _REVEAL_SECONDS);
    }

    /// @inheritdoc IJury
    function deliveryEndOf(uint256 panelId) external view returns (uint256) {
        Opening memory opening = _openings[panelId];
        if (opening.drawnAt == 0) return 0;
        return opening.drawnAt + _phaseSeconds(_instanceOf(opening), _COMMIT_SECONDS) / 2;
    }

    /// @inheritdoc IJury
    function outcomeOf(
        uint256 panelId,
        ICourt.CaseKind kind,
        bytes32 accused
    ) external view returns (ICourt.Verdict verdict, bytes32 result, uint256 endedAt, uint256 seats) {
        Opening memory opening = _openings[panelId];
        PanelStatus status = _statusOf(panelId, opening);
        if (status == PanelStatus.Empty) return (ICourt.Verdict.Acquitted, 0, opening.drawnAt, 0);
        Tally memory tally = _tallies[panelId];
        (endedAt, seats) = (_revealEndOf(opening), _seatsIn(tally));
        if (status != PanelStatus.Ended) return (ICourt.Verdict.None, 0, endedAt, seats);
        result = _resultOf(panelId, tally);
        verdict = JuryAnswers.verdictOn(kind, accused, result);
    }

    /// @inheritdoc IJury
    function reportOf(uint256 panelId) external view returns (bytes32) {
        PanelStatus status = _statusOf(panelId, _openings[panelId]);
        if (status == PanelStatus.Ended) return _resultOf(panelId, _tallies[panelId]);
        if (status != PanelStatus.Empty) revert Jury_WrongStatus(panelId, status, PanelStatus.Ended);
        return 0;
    }

    /// @inheritdoc IJury
    function panelOf(uint256 panelId) external view returns (Panel memory panel) {
        Opening memory opening = _openings[panelId];
        Tally memory tally = _tallies[panelId];
        (panel.openedAt, panel.requestedAt, panel.drawnAt) = (opening.openedAt, opening.requestedAt, opening.drawnAt);
        (panel.excluded, panel.beaconId) = (opening.excluded, opening.beaconId);
        panel.instance = uint8(_instanceOf(opening));
        panel.requests = uint8(opening.requestsAndInstance / REQUEST);
        (panel.drawn, panel.revealed, panel.hasAll) = (tally.drawn, tally.revealed, tally.hasAll);
        (panel.totalWeight, panel.revealedWeight) = (tally.totalWeight, tally.revealedWeight);
        (panel.leadingWeight, panel.leadingPlace) = (tally.leadingWeight, tally.leadingPlace);
    }

    /// @inheritdoc IJury
    function seatOf(
        uint256 panelId,
        uint256 place
    ) external view returns (SeatStatus status, address juror, uint256 weight, bytes32 result) {
        Tally memory tally = _tallies[panelId];
        if (place >= Sampling.MAX_VALIDATORS || (tally.drawn >> place) & 1 == 0) {
            return (SeatStatus.NotDrawn, address(0), 0, 0);
        }
        Place memory seat = _seatedAt(place, _openings[panelId].openedAt);
        (juror, weight) = (seat.account, seat.weight);
        if ((tally.revealed >> place) & 1 == 0) return (SeatStatus.Silent, juror, weight, 0);
        return (SeatStatus.Revealed, juror, weight, _votes[panelId][place]);
    }

    function _instanceOf(Opening memory opening) private pure returns (uint256) {
        return opening.requestsAndInstance % REQUEST;
    }

    /// @inheritdoc IJury
    function panelSeconds(uint256 instance) public view returns (uint256) {
        return MAX_REQUESTS * _DRAW_SECONDS + _phaseSeconds(instance, uint256(_COMMIT_SECONDS) + _REVEAL_SECONDS);
    }

    /// @inheritdoc IJury
    function lastInstance() public view returns (uint256) {
        return _SECOND_SEATS == 0 ? 1 : 2;
    }

    /// @dev Seats of a panel, 0 in the last instance, where all jurors sit.
    function _seatsOf(uint256 instance) private view returns (uint256) {
        if (instance == Readings.INSTANCE) return Readings.SEATS;
        if (instance == lastInstance()) return 0;
        return instance == 0 ? _FIRST_SEATS : _SECOND_SEATS;
    }

    function _phaseSeconds(uint256 instance, uint256 seconds_) private view returns (uint256) {
        return instance == lastInstance() ? TIME_FOR_ALL * seconds_ : seconds_;
    }

    /// @inheritdoc IJury
    function terms() external view returns (JuryTerms memory) {
        return
            JuryTerms({
                minStake: _MIN_STAKE,
                placeDelaySeconds: _PLACE_DELAY_SECONDS,
                bindingSeconds: _BINDING_SECONDS,
                drawSeconds: _DRAW_SECONDS,
                commitSeconds: _COMMIT_SECONDS,
                revealSeconds: _REVEAL_SECONDS,
                firstSeats: _FIRST_SEATS,
                secondSeats: _SECOND_SEATS
            });
    }

    /// @inheritdoc IJury
    function beacon() external view returns (IBeacon) {
        return _BEACON;
    }
}
