// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBeacon} from "./interfaces/IBeacon.sol";
import {IJury} from "./interfaces/IJury.sol";
import {Sampling} from "./libraries/Sampling.sol";
import {WeightLanes} from "./types/WeightLanes.sol";
import {JuryRoster} from "./court/JuryRoster.sol";

/// @title Jury
/// @notice See {IJury}. The {Court} creates it, and is the only one that can ask it for panels.
///
/// Assumed for safety: nobody knows the beacon's value before a panel is opened.
contract Jury is JuryRoster {
    /// @inheritdoc IJury
    bytes32 public constant CANNOT_EXECUTE = bytes32(uint256(1));
    /// @inheritdoc IJury
    bytes32 public constant EVIDENCE_MISSING = bytes32(uint256(2));
    /// @notice Fewest jurors of a panel.
    uint256 public constant MIN_SEATS = 3;
    /// @notice Most seats of a panel that is drawn: {Sampling.drawCommittee} packs 32.
    uint256 public constant MAX_SEATS = 31;
    /// @notice Requests of a beacon until a panel ends without a jury.
    uint256 public constant MAX_REQUESTS = 24;
    /// @notice Most of {IJury.JuryTerms} `minStake`, as for tasks: 10⁹ ASSAY.
    uint256 public constant MAX_STAKE = 1e9 ether;
    /// @notice Longest time for commitments or reveals, and longest wait for a beacon.
    uint256 public constant MAX_PHASE_SECONDS = 7 days;
    /// @notice Longest time that a place stays bound to a juror that left.
    uint256 public constant MAX_BINDING_SECONDS = 180 days;
    /// A panel of all jurors has this many times the usual time to vote.
    uint256 private constant TIME_FOR_ALL = 2;

    IBeacon private immutable _BEACON;
    uint32 private immutable _DRAW_SECONDS;
    uint32 private immutable _COMMIT_SECONDS;
    uint32 private immutable _REVEAL_SECONDS;
    uint8 private immutable _FIRST_SEATS;
    uint8 private immutable _SECOND_SEATS;

    uint256 private _panelCount;
    mapping(uint256 panelId => Panel) private _panels;
    /// A seat's commitment until it reveals, then what it reported.
    mapping(uint256 panelId => mapping(uint256 place => bytes32 vote)) private _votes;
    /// Of each value but the one that leads.
    mapping(uint256 panelId => mapping(bytes32 result => uint256 weight)) private _weightOf;

    /// @notice Sets the terms, for good. The caller becomes the court.
    /// @param beacon_ the randomness of the draws
    /// @param terms_ see {IJury.JuryTerms}
    constructor(
        IBeacon beacon_,
        JuryTerms memory terms_
    ) JuryRoster(terms_.minStake, terms_.placeDelaySeconds, terms_.bindingSeconds) {
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
    function openPanel(uint256 instance, address[] calldata parties) external onlyCourt returns (uint256 panelId) {
        _requireWithin("instance", instance, 0, lastInstance());

        panelId = ++_panelCount;
        Panel storage panel = _panels[panelId];
        // The roster of this moment will be drawn from, however often the beacon is requested: a party that joins
        // later can't be drawn either.
        (panel.openedAt, panel.instance) = (uint40(block.timestamp), uint8(instance));
        panel.excluded = uint64(_placesOf(parties));
        _requestBeacon(panelId, panel);
    }

    function _requestBeacon(uint256 panelId, Panel storage panel) private {
        uint64 beaconId = _BEACON.request();
        (panel.requestedAt, panel.beaconId, panel.requests) = (uint40(block.timestamp), beaconId, panel.requests + 1);

        emit PanelRequested(panelId, panel.instance, beaconId);
    }

    /// @inheritdoc IJury
    function draw(uint256 panelId) external {
        Panel storage panel = _requireStatus(panelId, PanelStatus.Drawing);
        (IBeacon.Status status, bytes32 value) = _readBeacon(panel.beaconId);
        // A place is bound to its juror for as long as a case lasts whose panels are drawn in time.
        if (block.timestamp < uint256(panel.requestedAt) + _DRAW_SECONDS) {
            if (status == IBeacon.Status.Pending) revert Jury_BeaconPending(panelId, panel.beaconId);
            if (status == IBeacon.Status.Ready) {
                _seat(panelId, panel, value);
                return;
            }
        }
        if (panel.requests < MAX_REQUESTS) {
            _requestBeacon(panelId, panel);
            return;
        }
        panel.drawnAt = uint40(block.timestamp);
        emit PanelEmpty(panelId, 0);
    }

    /// @dev Reads the beacon. One that reverts counts as pending: it must not lock a case.
    function _readBeacon(uint64 beaconId) private view returns (IBeacon.Status, bytes32) {
        try _BEACON.read(beaconId) returns (IBeacon.Status status, bytes32 value) {
            return (status, value);
        } catch {
            return (IBeacon.Status.Pending, 0);
        }
    }

    /// @dev Draws the seats; all who can sit get one if there are no more than seats, or in the last instance.
    function _seat(uint256 panelId, Panel storage panel, bytes32 beaconValue) private {
        (uint256[4] memory weights, uint256 eligible, uint256 count, uint256 sum) = _eligible(panel);
        panel.drawnAt = uint40(block.timestamp);
        if (count < MIN_SEATS) {
            emit PanelEmpty(panelId, count);
            return;
        }
        uint256 seats = _seatsOf(panel.instance);
        if (seats == 0) {
            (panel.drawn, panel.hasAll, panel.totalWeight) = (uint64(eligible), true, uint32(sum));
        } else if (count <= seats) {
            (panel.drawn, panel.totalWeight) = (uint64(eligible), uint32(count));
        } else {
            bytes32 seed = keccak256(abi.encode(beaconValue, panelId));
            uint256 drawn = Sampling.drawCommittee(seed, weights, seats, 0);
            (panel.drawn, panel.totalWeight) = (uint64(Sampling.seatMask(drawn, seats)), uint32(seats));
        }
        uint256 commitEnd = block.timestamp + _phaseSeconds(panel.instance, _COMMIT_SECONDS);
        emit PanelDrawn(panelId, panel.drawn, commitEnd, commitEnd + _phaseSeconds(panel.instance, _REVEAL_SECONDS));
    }

    /// @dev Who can sit in a panel: jurors whose place counted when it was opened, but the parties and those who had left
    /// before the beacon was requested again.
    function _eligible(
        Panel storage panel
    ) private view returns (uint256[4] memory weights, uint256 mask, uint256 count, uint256 sum) {
        (uint256 excluded, uint256 openedAt, uint256 requestedAt) = (panel.excluded, panel.openedAt, panel.requestedAt);
        for (uint256 place = 0; place < Sampling.MAX_VALIDATORS; ++place) {
            if ((excluded >> place) & 1 == 1) continue;
            Place memory seat = _seatedAt(place, openedAt);
            if (seat.weight == 0 || seat.until <= requestedAt) continue;
            WeightLanes.setWeight(weights, place, seat.weight);
            mask |= 1 << place;
            ++count;
            sum += seat.weight;
        }
    }

    // ---- votes

    /// @inheritdoc IJury
    function commitVote(uint256 panelId, uint256 place, bytes32 digest) external {
        Panel storage panel = _requireStatus(panelId, PanelStatus.Committing);
        _requireSeat(panelId, panel, place);
        if (digest == 0) revert Jury_ZeroVote(panelId);
        if (_votes[panelId][place] != 0) revert Jury_AlreadyVoted(panelId, msg.sender);

        _votes[panelId][place] = digest;

        emit VoteCommitted(panelId, msg.sender, digest);
    }

    /// @inheritdoc IJury
    function revealVote(uint256 panelId, uint256 place, bytes32 result, bytes32 witness, bytes32 salt) external {
        Panel storage panel = _requireStatus(panelId, PanelStatus.Revealing);
        uint256 weight = _requireSeat(panelId, panel, place);
        if (result == 0) revert Jury_ZeroVote(panelId);
        if ((panel.revealed >> place) & 1 == 1) revert Jury_AlreadyVoted(panelId, msg.sender);
        bytes32 committed = _votes[panelId][place];
        bytes32 digest = keccak256(
            abi.encode(block.chainid, address(this), panelId, msg.sender, result, witness, salt)
        );
        if (digest != committed) revert Jury_CommitmentMismatch(panelId, digest, committed);

        _votes[panelId][place] = result;
        panel.revealed |= uint64(1 << place);
        if (result != CANNOT_EXECUTE) _count(panelId, panel, place, panel.hasAll ? weight : 1);

        emit VoteRevealed(panelId, msg.sender, result, witness);
    }

    /// @dev Adds the vote of a place, and notes the value that leads. A later value with the same weight doesn't take the
    /// lead; that decides nothing, because a majority is more than half.
    function _count(uint256 panelId, Panel storage panel, uint256 place, uint256 weight) private {
        bytes32 result = _votes[panelId][place];
        uint256 leadingWeight = panel.leadingWeight;
        bytes32 leading = leadingWeight == 0 ? bytes32(0) : _votes[panelId][panel.leadingPlace];
        panel.revealedWeight += uint32(weight);
        if (result == leading) {
            panel.leadingWeight = uint32(leadingWeight + weight);
            return;
        }
        uint256 total = _weightOf[panelId][result] + weight;
        if (total <= leadingWeight) {
            _weightOf[panelId][result] = total;
            return;
        }
        if (leadingWeight != 0) _weightOf[panelId][leading] = leadingWeight;
        (panel.leadingPlace, panel.leadingWeight) = (uint8(place), uint32(total));
    }

    /// @dev The weight of the caller's place; reverts unless it has a seat.
    function _requireSeat(uint256 panelId, Panel storage panel, uint256 place) private view returns (uint256) {
        Place memory seat = _seatedAt(place, panel.openedAt);
        bool isDrawn = place < Sampling.MAX_VALIDATORS && (panel.drawn >> place) & 1 == 1;
        if (!isDrawn || seat.account != msg.sender) revert Jury_NoSeat(panelId, place, msg.sender);
        return seat.weight;
    }

    // ---- reading

    function _requireStatus(uint256 panelId, PanelStatus needed) private view returns (Panel storage panel) {
        PanelStatus status = statusOf(panelId);
        if (status != needed) revert Jury_WrongStatus(panelId, status, needed);
        return _panels[panelId];
    }

    /// @inheritdoc IJury
    function statusOf(uint256 panelId) public view returns (PanelStatus) {
        Panel storage panel = _panels[panelId];
        if (panel.openedAt == 0) return PanelStatus.None;
        if (panel.drawnAt == 0) return PanelStatus.Drawing;
        if (panel.drawn == 0) return PanelStatus.Empty;
        uint256 commitEnd = panel.drawnAt + _phaseSeconds(panel.instance, _COMMIT_SECONDS);
        if (block.timestamp < commitEnd) return PanelStatus.Committing;
        return block.timestamp < revealEndOf(panelId) ? PanelStatus.Revealing : PanelStatus.Ended;
    }

    /// @inheritdoc IJury
    function revealEndOf(uint256 panelId) public view returns (uint256) {
        Panel storage panel = _panels[panelId];
        if (panel.drawnAt == 0) return 0;
        return panel.drawnAt + _phaseSeconds(panel.instance, uint256(_COMMIT_SECONDS) + _REVEAL_SECONDS);
    }

    /// @inheritdoc IJury
    function reportOf(uint256 panelId) external view returns (bytes32) {
        PanelStatus status = statusOf(panelId);
        if (status == PanelStatus.Empty) return 0;
        if (status != PanelStatus.Ended) revert Jury_WrongStatus(panelId, status, PanelStatus.Ended);

        Panel storage panel = _panels[panelId];
        uint256 base = panel.hasAll ? panel.revealedWeight : panel.totalWeight;
        bool hasQuorum = !panel.hasAll || 2 * uint256(panel.revealedWeight) >= panel.totalWeight;
        if (!hasQuorum || 2 * uint256(panel.leadingWeight) <= base) return 0;
        return _votes[panelId][panel.leadingPlace];
    }

    /// @inheritdoc IJury
    function panelOf(uint256 panelId) external view returns (Panel memory) {
        return _panels[panelId];
    }

    /// @inheritdoc IJury
    function seatOf(
        uint256 panelId,
        uint256 place
    ) external view returns (SeatStatus status, address juror, uint256 weight, bytes32 result) {
        Panel storage panel = _panels[panelId];
        if (place >= Sampling.MAX_VALIDATORS || (panel.drawn >> place) & 1 == 0) {
            return (SeatStatus.NotDrawn, address(0), 0, 0);
        }
        Place memory seat = _seatedAt(place, panel.openedAt);
        (juror, weight) = (seat.account, seat.weight);
        if ((panel.revealed >> place) & 1 == 0) return (SeatStatus.Silent, juror, weight, 0);
        return (SeatStatus.Revealed, juror, weight, _votes[panelId][place]);
    }

    /// @inheritdoc IJury
    function panelSeconds(uint256 instance) public view returns (uint256) {
        return _DRAW_SECONDS + _phaseSeconds(instance, uint256(_COMMIT_SECONDS) + _REVEAL_SECONDS);
    }

    /// @inheritdoc IJury
    function lastInstance() public view returns (uint256) {
        return _SECOND_SEATS == 0 ? 1 : 2;
    }

    /// @dev Seats of a panel, 0 in the last instance, where all jurors sit.
    function _seatsOf(uint256 instance) private view returns (uint256) {
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
