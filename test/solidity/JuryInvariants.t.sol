// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Jury} from "../../contracts/Jury.sol";
import {IBeacon} from "../../contracts/interfaces/IBeacon.sol";
import {IJury} from "../../contracts/interfaces/IJury.sol";
import {Sampling} from "../../contracts/libraries/Sampling.sol";
import {WeightLanes} from "../../contracts/types/WeightLanes.sol";
import {ScriptedBeacon} from "./fixtures/ScriptedBeacon.sol";
import {Test} from "./fixtures/Test.sol";
import {newJury} from "./fixtures/Shipped.sol";
import {vm} from "./fixtures/Vm.sol";

/// Eight accounts compete for the last four places, and a second book beside the jury's. (In this file: the runner finds
/// handlers only in the files it is given.)
///
/// Each action works out first, from the model alone, what the jury has to do or with which error it has to refuse; then
/// it acts and compares. The model keeps everything that ever happened: each term that a juror has or had, each panel, each
/// vote. It counts when it is asked.
contract JuryHandler is Test {
    struct Term {
        address juror;
        // Joined while the place was bound to another.
        bool isBehind;
        bool wasDisplaced;
        bool wasRemoved;
        uint256 place;
        uint256 weight;
        uint256 from;
        uint256 until;
    }

    struct Vote {
        address juror;
        bool isRevealed;
        uint256 place;
        bytes32 digest;
        bytes32 result;
    }

    struct Sitting {
        uint256 instance;
        uint256 openedAt;
        uint256 requestedAt;
        uint256 requests;
        uint64 beaconId;
        uint256 drawnAt;
        uint256 base;
        address[] parties;
        uint256[] terms;
    }

    uint256 public constant ACTORS = 8;
    uint256 public constant FIRST = 60;
    uint256 private constant PLACES = 64;
    uint256 private constant NEVER = type(uint40).max;
    uint256 private constant MAX_PANELS = 60;
    uint256 private constant UNIT = 1 ether;
    bytes32 private constant NONE = bytes32(0);

    Jury private immutable _JURY;
    ScriptedBeacon private immutable _BEACON;
    IJury.JuryTerms private _given;

    Term[] private _terms;
    /// Term + 1 of each account that has one, or had one and wasn't removed.
    mapping(address account => uint256 termPlusOne) private _termOf;
    Sitting[] private _sittings;
    mapping(uint256 panelId => Vote[]) private _votes;
    mapping(uint64 beaconId => IBeacon.Status) private _answers;
    /// How often each verb was done and each refusal came, by selector.
    mapping(bytes4 selector => uint256) public seen;

    constructor(ScriptedBeacon beacon, IJury.JuryTerms memory given) {
        (_BEACON, _given) = (beacon, given);
        _JURY = newJury(address(this), beacon, given);
        for (uint256 i = 0; i < FIRST; ++i) {
            address juror = address(uint160(0xa1000 + i));
            _JURY.admit(juror, 1_024 * UNIT);
            _terms.push(Term(juror, false, false, false, i, 1_024, block.timestamp + given.placeDelaySeconds, NEVER));
            _termOf[juror] = _terms.length;
        }
        skip(given.placeDelaySeconds);
    }

    // ---- what the court does

    function admit(uint256 who, uint256 weight) external {
        address juror = _actor(who);
        uint256 stake = bound(weight, 255, 1_100) * UNIT;
        weight = stake / UNIT > 1_024 ? 1_024 : stake / UNIT;
        (uint256 place, uint256 smallest) = _bestPlace();
        bytes memory refusal;
        if (_termOf[juror] != 0) {
            (, uint256 shown) = _JURY.placeOfJuror(juror);
            refusal = abi.encodeWithSelector(IJury.Jury_AlreadySeated.selector, juror, shown);
        } else if (stake < _given.minStake) {
            refusal = abi.encodeWithSelector(IJury.Jury_StakeTooLow.selector, stake, _given.minStake);
        } else if (weight <= smallest) {
            refusal = abi.encodeWithSelector(IJury.Jury_RosterFull.selector, weight, smallest);
        }

        (bool done, bytes memory answer) = _does(address(this), abi.encodeCall(IJury.admit, (juror, stake)), refusal);
        if (done) assertEq(abi.decode(answer, (address)), _takeInModel(juror, weight, place), "displaced");
    }

    function dismiss(uint256 who) external {
        address juror = _actor(who);
        bytes memory refusal;
        if (_termOf[juror] == 0) refusal = abi.encodeWithSelector(IJury.Jury_NotAJuror.selector, juror);
        (bool done, ) = _does(address(this), abi.encodeCall(IJury.dismiss, (juror)), refusal);
        if (done && _terms[_termOf[juror] - 1].until == NEVER) _endInModel(_terms[_termOf[juror] - 1]);
    }

    function remove(uint256 who) external {
        address juror = _actor(who);
        bytes memory refusal;
        if (_termOf[juror] == 0) refusal = abi.encodeWithSelector(IJury.Jury_NotAJuror.selector, juror);
        else if (block.timestamp < _freeAt(_terms[_termOf[juror] - 1])) {
            uint256 freeAt = _freeAt(_terms[_termOf[juror] - 1]);
            refusal = abi.encodeWithSelector(IJury.Jury_StillBound.selector, juror, freeAt);
        }
        (bool done, ) = _does(address(this), abi.encodeCall(IJury.remove, (juror)), refusal);
        if (!done) return;
        _terms[_termOf[juror] - 1].wasRemoved = true;
        _termOf[juror] = 0;
    }

    function openPanel(uint256 instance, uint256 party) external {
        if (_sittings.length == MAX_PANELS) return;
        instance %= 3;
        address[] memory parties = new address[](2);
        (parties[0], parties[1]) = (_actor(party), _actor(party / ACTORS));
        _does(address(this), abi.encodeCall(IJury.openPanel, (_sittings.length + 1, instance, parties)), "");
        Sitting storage sitting = _sittings.push();
        (sitting.instance, sitting.openedAt, sitting.parties) = (instance, block.timestamp, parties);
        _noteRequest(sitting);
    }

    // ---- what anybody and the beacon do

    function answerBeacon(uint256 value) external {
        uint64 latest = _BEACON.requests();
        if (latest == 0) return;
        if (value % 8 == 0) _BEACON.expire();
        else _BEACON.answer(bytes32(value));
        _answers[latest] = value % 8 == 0 ? IBeacon.Status.Expired : IBeacon.Status.Ready;
    }

    function draw(uint256 which) external {
        uint256 panelId = _panel(which);
        bytes memory refusal = _needs(panelId, IJury.PanelStatus.Drawing);
        IBeacon.Status status;
        bool isInTime;
        if (refusal.length == 0) {
            Sitting storage current = _sittings[panelId - 1];
            status = _answers[current.beaconId];
            isInTime = block.timestamp < current.requestedAt + _given.drawSeconds;
            if (isInTime && status == IBeacon.Status.Pending) {
                refusal = abi.encodeWithSelector(IJury.Jury_BeaconPending.selector, panelId, current.beaconId);
            }
        }
        (bool done, ) = _does(address(0xf00), abi.encodeCall(IJury.draw, (panelId)), refusal);
        if (!done) return;
        Sitting storage sitting = _sittings[panelId - 1];
        if (isInTime && status == IBeacon.Status.Ready) _drawInModel(panelId, sitting);
        else if (sitting.requests < 6) _noteRequest(sitting);
        else sitting.drawnAt = block.timestamp;
    }

    function wait_(uint256 time) external {
        uint256[8] memory longest = [uint256(1), 1, 50, 50, 150, 150, 600, 5_000];
        skip(bound(time >> 3, 1, longest[time % 8]));
    }

    // ---- what jurors do

    function commit(uint256 which, uint256 who, uint256 choice) external {
        uint256 panelId = _panel(which);
        (address juror, uint256 place) = _voter(panelId, who);
        bytes32 result = _resultOf(choice);
        bytes32 digest = choice % 6 == 0 ? NONE : _digestOf(panelId, juror, result);
        bytes memory refusal = _needs(panelId, IJury.PanelStatus.Committing);
        if (refusal.length == 0) refusal = _needsSeat(panelId, juror, place);
        if (refusal.length == 0) {
            if (digest == NONE) refusal = abi.encodeWithSelector(IJury.Jury_ZeroVote.selector, panelId);
            else if (_voteOf(panelId, place) != 0) {
                refusal = abi.encodeWithSelector(IJury.Jury_AlreadyVoted.selector, panelId, juror);
            }
        }
        (bool done, ) = _does(juror, abi.encodeCall(IJury.commitVote, (panelId, place, digest)), refusal);
        if (done) _votes[panelId].push(Vote(juror, false, place, digest, result));
    }

    function reveal(uint256 which, uint256 who, uint256 choice) external {
        uint256 panelId = _panel(which);
        (address juror, uint256 place) = _voter(panelId, who);
        uint256 found = _voteOf(panelId, place);
        bytes32 result = found == 0 || choice % 6 == 1 ? _resultOf(choice) : _votes[panelId][found - 1].result;
        if (choice % 6 == 0) result = NONE;
        bytes memory refusal = _needs(panelId, IJury.PanelStatus.Revealing);
        if (refusal.length == 0) refusal = _needsSeat(panelId, juror, place);
        if (refusal.length == 0) refusal = _needsCommitment(panelId, juror, found, result);
        bytes memory call = abi.encodeCall(IJury.revealVote, (panelId, place, result, "witness", "salt"));
        (bool done, ) = _does(juror, call, refusal);
        if (done) _votes[panelId][found - 1].isRevealed = true;
    }

    // ---- the model of the roster

    /// @dev The place whose juror to come has the least weight, 0 if it leaves; of several that whose holder is free first.
    function _bestPlace() private view returns (uint256 best, uint256 smallest) {
        (smallest, best) = (type(uint256).max, PLACES);
        uint256 bestFree = 0;
        for (uint256 place = FIRST; place < PLACES; ++place) {
            (bool isTaken, uint256 last) = _lastTerm(place);
            uint256 weight = isTaken && _terms[last].until == NEVER ? _terms[last].weight : 0;
            uint256 free = _freeAtPlace(place);
            bool isLess = weight < smallest || (weight == smallest && free < bestFree);
            // All that are free by now, and that nobody waits for, are as good.
            if (weight == 0 && smallest == 0 && bestFree <= block.timestamp) isLess = false;
            if (isLess) (best, smallest, bestFree) = (place, weight, free);
        }
    }

    /// @dev The last term at a place of a juror that wasn't displaced.
    function _lastTerm(uint256 place) private view returns (bool, uint256) {
        for (uint256 i = _terms.length; i > 0; --i) {
            if (_terms[i - 1].place == place && !_terms[i - 1].wasDisplaced) return (true, i - 1);
        }
        return (false, 0);
    }

    function _isWaiting(Term storage term) private view returns (bool) {
        return term.isBehind && block.timestamp < term.from;
    }

    /// @dev When the juror who has a place now, or had it last, needs no longer be known.
    function _freeAtPlace(uint256 place) private view returns (uint256) {
        for (uint256 i = _terms.length; i > 0; --i) {
            Term storage term = _terms[i - 1];
            if (term.place != place || term.wasDisplaced || _isWaiting(term)) continue;
            return term.wasRemoved ? 0 : _freeAt(term);
        }
        return 0;
    }

    function _freeAt(Term storage term) private view returns (uint256) {
        return term.until == NEVER ? NEVER : term.until + _given.bindingSeconds;
    }

    function _endInModel(Term storage term) private {
        uint256 until = block.timestamp + _given.placeDelaySeconds;
        term.until = until < term.from ? term.from : until;
    }

    function _takeInModel(address juror, uint256 weight, uint256 place) private returns (address displaced) {
        (bool isTaken, uint256 last) = _lastTerm(place);
        if (isTaken && _isWaiting(_terms[last])) {
            displaced = _terms[last].juror;
            _terms[last].wasDisplaced = true;
            _termOf[displaced] = 0;
        } else if (isTaken && _terms[last].until == NEVER) _endInModel(_terms[last]);

        uint256 free = _freeAtPlace(place);
        uint256 from = block.timestamp + _given.placeDelaySeconds;
        if (from < free) from = free;
        _terms.push(Term(juror, free > block.timestamp, false, false, place, weight, from, NEVER));
        _termOf[juror] = _terms.length;
    }

    function _sitsAt(Term storage term, uint256 time) private view returns (bool) {
        return !term.wasDisplaced && time >= term.from && time < term.until;
    }

    // ---- the model of panels

    function _noteRequest(Sitting storage sitting) private {
        (sitting.requestedAt, sitting.beaconId) = (block.timestamp, _BEACON.requests());
        ++sitting.requests;
    }

    function _drawInModel(uint256 panelId, Sitting storage sitting) private {
        sitting.drawnAt = block.timestamp;
        uint256[] memory terms = _eligible(sitting);
        if (terms.length < 3) return;
        uint256 seats = sitting.instance == 0 ? _given.firstSeats : _given.secondSeats;
        bool hasAll = sitting.instance == 2;
        uint256 mask = type(uint64).max;
        if (!hasAll && terms.length > seats) mask = _drawn(panelId, sitting.beaconId, terms, seats);
        for (uint256 i = 0; i < terms.length; ++i) {
            if ((mask >> _terms[terms[i]].place) & 1 == 0) continue;
            sitting.terms.push(terms[i]);
            sitting.base += hasAll ? _terms[terms[i]].weight : 1;
        }
    }

    function _eligible(Sitting storage sitting) private view returns (uint256[] memory terms) {
        uint256 count = 0;
        terms = new uint256[](_terms.length);
        for (uint256 i = 0; i < _terms.length; ++i) {
            Term storage term = _terms[i];
            bool isParty = term.juror == sitting.parties[0] || term.juror == sitting.parties[1];
            if (!isParty && _sitsAt(term, sitting.openedAt) && term.until > sitting.requestedAt) terms[count++] = i;
        }
        assembly ("memory-safe") {
            mstore(terms, count)
        }
    }

    function _drawn(
        uint256 panelId,
        uint64 beaconId,
        uint256[] memory terms,
        uint256 seats
    ) private view returns (uint256) {
        uint256[4] memory weights;
        for (uint256 i = 0; i < terms.length; ++i) {
            WeightLanes.setWeight(weights, _terms[terms[i]].place, _terms[terms[i]].weight);
        }
        (, bytes32 value) = _BEACON.read(beaconId);
        return
            Sampling.seatMask(Sampling.drawCommittee(keccak256(abi.encode(value, panelId)), weights, seats, 0), seats);
    }

    function statusOf(uint256 panelId) public view returns (IJury.PanelStatus) {
        if (panelId == 0 || panelId > _sittings.length) return IJury.PanelStatus.None;
        Sitting storage sitting = _sittings[panelId - 1];
        if (sitting.drawnAt == 0) return IJury.PanelStatus.Drawing;
        if (sitting.terms.length == 0) return IJury.PanelStatus.Empty;
        uint256 times = sitting.instance == 2 ? 2 : 1;
        uint256 age = block.timestamp - sitting.drawnAt;
        if (age < times * _given.commitSeconds) return IJury.PanelStatus.Committing;
        if (age < times * (_given.commitSeconds + _given.revealSeconds)) return IJury.PanelStatus.Revealing;
        return IJury.PanelStatus.Ended;
    }

    // ---- the model of votes

    function _needs(uint256 panelId, IJury.PanelStatus needed) private view returns (bytes memory refusal) {
        IJury.PanelStatus status = statusOf(panelId);
        if (status == needed) return "";
        return abi.encodeWithSelector(IJury.Jury_WrongStatus.selector, panelId, status, needed);
    }

    function _needsSeat(uint256 panelId, address juror, uint256 place) private view returns (bytes memory) {
        uint256[] storage terms = _sittings[panelId - 1].terms;
        for (uint256 i = 0; i < terms.length; ++i) {
            if (_terms[terms[i]].juror == juror && _terms[terms[i]].place == place) return "";
        }
        return abi.encodeWithSelector(IJury.Jury_NoSeat.selector, panelId, place, juror);
    }

    function _needsCommitment(
        uint256 panelId,
        address juror,
        uint256 found,
        bytes32 result
    ) private view returns (bytes memory) {
        if (result == NONE) return abi.encodeWithSelector(IJury.Jury_ZeroVote.selector, panelId);
        if (found != 0 && _votes[panelId][found - 1].isRevealed) {
            return abi.encodeWithSelector(IJury.Jury_AlreadyVoted.selector, panelId, juror);
        }
        bytes32 committed = found == 0 ? NONE : _votes[panelId][found - 1].digest;
        bytes32 digest = _digestOf(panelId, juror, result);
        if (digest == committed) return "";
        return abi.encodeWithSelector(IJury.Jury_CommitmentMismatch.selector, panelId, digest, committed);
    }

    function _voteOf(uint256 panelId, uint256 place) private view returns (uint256) {
        Vote[] storage votes = _votes[panelId];
        for (uint256 i = 0; i < votes.length; ++i) if (votes[i].place == place) return i + 1;
        return 0;
    }

    function _weightIn(uint256 panelId, address juror) private view returns (uint256) {
        Sitting storage sitting = _sittings[panelId - 1];
        if (sitting.instance != 2) return 1;
        for (uint256 i = 0; i < sitting.terms.length; ++i) {
            if (_terms[sitting.terms[i]].juror == juror) return _terms[sitting.terms[i]].weight;
        }
        return 0;
    }

    /// @notice What a panel has to report: a value of more than half.
    function reportOf(uint256 panelId) public view returns (bytes32) {
        Vote[] storage votes = _votes[panelId];
        bytes32[4] memory values = [_resultOf(0), _resultOf(1), _resultOf(2), bytes32(uint256(2))];
        uint256[4] memory sums;
        uint256 came = 0;
        for (uint256 i = 0; i < votes.length; ++i) {
            for (uint256 j = 0; j < 4; ++j) {
                if (!votes[i].isRevealed || votes[i].result != values[j]) continue;
                sums[j] += _weightIn(panelId, votes[i].juror);
                came += _weightIn(panelId, votes[i].juror);
            }
        }
        Sitting storage sitting = _sittings[panelId - 1];
        uint256 half = sitting.instance == 2 ? came : sitting.base;
        if (sitting.instance == 2 && 2 * came < sitting.base) return NONE;
        for (uint256 j = 0; j < 4; ++j) if (2 * sums[j] > half) return values[j];
        return NONE;
    }

    // ---- comparing

    function panelCount() external view returns (uint256) {
        return _sittings.length;
    }

    function checkPanel(uint256 panelId) public view {
        IJury.PanelStatus status = statusOf(panelId);
        assertEq(uint256(_JURY.statusOf(panelId)), uint256(status), "status");
        if (status == IJury.PanelStatus.Empty) assertEq(_JURY.reportOf(panelId), NONE, "report of nobody");
        if (status == IJury.PanelStatus.Ended) assertEq(_JURY.reportOf(panelId), reportOf(panelId), "report");
        uint256 drawn = 0;
        uint256[] storage terms = _sittings[panelId - 1].terms;
        for (uint256 i = 0; i < terms.length; ++i) drawn |= 1 << _terms[terms[i]].place;
        IJury.Panel memory panel = _JURY.panelOf(panelId);
        assertEq(panel.drawn, drawn, "drawn");
        assertEq(panel.totalWeight, _sittings[panelId - 1].base, "total weight");
        for (uint256 place = FIRST; place < PLACES; ++place) if ((drawn >> place) & 1 == 1) _checkSeat(panelId, place);
    }

    /// @dev A juror's seat is its own until it is free; never somebody else's.
    function _checkSeat(uint256 panelId, uint256 place) private view {
        (IJury.SeatStatus status, address juror, uint256 weight, bytes32 result) = _JURY.seatOf(panelId, place);
        uint256[] storage terms = _sittings[panelId - 1].terms;
        for (uint256 i = 0; i < terms.length; ++i) {
            Term storage term = _terms[terms[i]];
            if (term.place != place) continue;
            if (juror == address(0)) assertGe(block.timestamp, _freeAt(term), "forgotten early");
            else assertEq(juror, term.juror, "juror");
            assertEq(weight, juror == address(0) ? 0 : term.weight, "weight");
        }
        uint256 found = _voteOf(panelId, place);
        bool isRevealed = found != 0 && _votes[panelId][found - 1].isRevealed;
        assertEq(uint256(status), uint256(isRevealed ? IJury.SeatStatus.Revealed : IJury.SeatStatus.Silent), "seat");
        assertEq(result, isRevealed ? _votes[panelId][found - 1].result : NONE, "result");
    }

    function checkJurors() external view {
        for (uint256 i = 0; i < ACTORS; ++i) {
            address juror = address(uint160(0xac1000 + i));
            (bool isSeated, uint256 place) = _JURY.placeOfJuror(juror);
            assertEq(isSeated, _termOf[juror] != 0, "is seated");
            if (!isSeated || place == PLACES) continue;
            assertEq(place, _terms[_termOf[juror] - 1].place, "place");
            (IJury.Place memory current, IJury.Place memory next) = _JURY.placeOf(place);
            _checkTerm(current.account == juror ? current : next, _terms[_termOf[juror] - 1]);
        }
    }

    function _checkTerm(IJury.Place memory place, Term storage term) private view {
        // Somebody else counts there by now, and the jury will notice with the next change.
        if (place.account != term.juror) assertGe(block.timestamp, _freeAt(term), "lost early");
        else {
            assertEq(place.weight, term.weight, "weight");
            assertEq(place.from, term.from, "from");
            assertEq(place.until, term.until, "until");
        }
    }

    // ---- helpers

    /// @dev Calls as `sender`. True when the jury did it and had to; fails the test when it did otherwise than predicted.
    function _does(
        address sender,
        bytes memory call,
        bytes memory refusal
    ) private returns (bool done, bytes memory answered) {
        vm.prank(sender);
        // solhint-disable-next-line avoid-low-level-calls
        (done, answered) = address(_JURY).call(call);
        assertEq(done, refusal.length == 0, "the model predicts otherwise");
        if (!done) assertEq(answered, refusal);
        ++seen[bytes4(done ? call : answered)];
    }

    function _actor(uint256 who) private pure returns (address) {
        return address(uint160(0xac1000 + (who % ACTORS)));
    }

    /// @dev One of the three latest panels, or rarely one that isn't there.
    function _panel(uint256 which) private view returns (uint256) {
        uint256 back = (which / 16) % 3;
        if (which % 16 == 0 || back >= _sittings.length) return _sittings.length + 1;
        return _sittings.length - back;
    }

    /// @dev Mostly one of the last six jurors with a seat, and its place: those whose places change hands are last.
    function _voter(uint256 panelId, uint256 who) private view returns (address juror, uint256 place) {
        if (panelId == 0 || panelId > _sittings.length || who % 8 == 0) return (_actor(who / 8), (who / 64) % 70);
        uint256[] storage terms = _sittings[panelId - 1].terms;
        if (terms.length == 0) return (_actor(who / 8), (who / 64) % 70);
        uint256 chosen = (who / 8) % (terms.length < 6 ? terms.length : 6);
        Term storage term = _terms[terms[terms.length - 1 - chosen]];
        return (term.juror, term.place);
    }

    /// @dev One of three values, or an answer with a meaning of its own.
    function _resultOf(uint256 choice) private pure returns (bytes32) {
        uint256[5] memory results = [uint256(1 << 255), (1 << 255) | 1, (1 << 255) | 2, 1, 2];
        return bytes32(results[choice < 3 ? choice : uint256(keccak256(abi.encode(choice))) % 5]);
    }

    function _digestOf(uint256 panelId, address juror, bytes32 result) private view returns (bytes32) {
        return
            keccak256(
                abi.encode(block.chainid, address(_JURY), panelId, juror, result, bytes32("witness"), bytes32("salt"))
            );
    }
}

/// Eight accounts, sixty jurors that stay, a beacon and a clock, in any order.
contract JuryInvariantsTest is Test {
    JuryHandler private handler;

    function setUp() public {
        vm.warp(1_800_000_000);
        handler = new JuryHandler(new ScriptedBeacon(), IJury.JuryTerms(256 ether, 400, 3_000, 100, 200, 150, 3, 5));
        targetContract(address(handler));
    }

    /// Panels are those of a model that keeps everything: status, seats, who sits there, votes and reports.
    function invariant_PanelsAreThoseOfTheModel() public view {
        uint256 count = handler.panelCount();
        if (count != 0) handler.checkPanel(1 + (block.timestamp % count));
    }

    /// Places are those of the model.
    function invariant_PlacesAreThoseOfTheModel() public view {
        handler.checkJurors();
    }

    /// After each run: every panel.
    function afterInvariant() public view {
        for (uint256 id = 1; id <= handler.panelCount(); ++id) handler.checkPanel(id);
    }

    /// Random play is worth what it reaches: within the calls of a few runs every verb is done and every refusal met.
    function test_RandomPlayReachesEveryVerbAndEveryRefusal() public {
        for (uint256 i = 0; i < 1_200; ++i) play(uint256(keccak256(abi.encode("a play", i))));
        bytes4[17] memory selectors = [
            IJury.admit.selector,
            IJury.dismiss.selector,
            IJury.remove.selector,
            IJury.openPanel.selector,
            IJury.draw.selector,
            IJury.commitVote.selector,
            IJury.revealVote.selector,
            IJury.Jury_AlreadySeated.selector,
            IJury.Jury_StakeTooLow.selector,
            IJury.Jury_RosterFull.selector,
            IJury.Jury_NotAJuror.selector,
            IJury.Jury_StillBound.selector,
            IJury.Jury_WrongStatus.selector,
            IJury.Jury_BeaconPending.selector,
            IJury.Jury_NoSeat.selector,
            IJury.Jury_ZeroVote.selector,
            IJury.Jury_AlreadyVoted.selector
        ];
        for (uint256 i = 0; i < selectors.length; ++i) {
            assertGt(handler.seen(selectors[i]), 0, vm.toString(bytes32(selectors[i])));
        }
        assertGt(handler.seen(IJury.Jury_CommitmentMismatch.selector), 0);
        afterInvariant();
    }

    function play(uint256 luck) private {
        (uint256 who, uint256 which, uint256 amount) = (luck >> 8, luck >> 64, luck >> 128);
        uint256 kind = luck % 16;
        if (kind < 2) handler.admit(who, amount);
        if (kind == 2) handler.dismiss(who);
        if (kind == 3) handler.remove(who);
        if (kind == 4) handler.openPanel(who, amount);
        if (kind == 5) handler.answerBeacon(amount);
        if (kind == 6 || kind == 7) handler.draw(which);
        // One of both is always refused: panels are in one phase at a time.
        if (kind >= 8 && kind < 14) {
            handler.commit(which, who, amount);
            handler.reveal(which, who, amount);
        }
        if (kind >= 14) handler.wait_(amount);
    }
}
