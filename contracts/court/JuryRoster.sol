// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IJury} from "../interfaces/IJury.sol";
import {Sampling} from "../libraries/Sampling.sol";

/// @title The jury's roster
/// @notice 64 places. Who joins or leaves today counts, or stops counting, a delay later, so that nobody takes or leaves
/// a place for one draw. A place stays bound to its juror until no case that could have drawn it is still open; only then
/// the next one may count. So the juror at a place is fixed for every panel, also when its seats are settled. Who takes a
/// place is bound too, so that nobody empties the roster by outbidding others and leaving.
abstract contract JuryRoster is IJury {
    uint40 private constant NEVER = type(uint40).max;
    uint256 private constant PLACES = Sampling.MAX_VALIDATORS;
    /// Bits of a time, in the rank of a place.
    uint256 private constant TIME_BITS = 48;

    address private immutable _COURT;
    uint96 internal immutable _MIN_STAKE;
    uint32 internal immutable _PLACE_DELAY_SECONDS;
    uint32 internal immutable _BINDING_SECONDS;

    mapping(uint256 place => Place) private _current;
    /// Who takes the place after its current juror. The account is zero if nobody does.
    mapping(uint256 place => Place) private _next;
    /// Where a juror sits, and when: what {Place} says, so that the parties of a case are found by reading a slot each.
    /// `placePlusOne` stands also while the juror waits or leaves; it is PLACES + 1 for one whose place has passed on, and
    /// whose stake nothing binds any more.
    struct Home {
        uint8 placePlusOne;
        uint40 from;
        uint40 until;
    }

    mapping(address juror => Home) private _homes;

    /// @notice Sets the terms of the roster, for good.
    /// @param court_ the only one that can ask for panels
    /// @param minStake_ least ASSAY wei of a juror
    /// @param placeDelaySeconds_ from joining or leaving until it counts
    /// @param bindingSeconds_ from then until no case can need a juror that left
    constructor(address court_, uint96 minStake_, uint32 placeDelaySeconds_, uint32 bindingSeconds_) {
        _COURT = court_;
        _MIN_STAKE = minStake_;
        _PLACE_DELAY_SECONDS = placeDelaySeconds_;
        _BINDING_SECONDS = bindingSeconds_;
    }

    modifier onlyCourt() {
        if (msg.sender != _COURT) revert Jury_OnlyCourt(msg.sender, _COURT);
        _;
    }

    // ---- joining

    /// @inheritdoc IJury
    function admit(address juror, uint256 stake) external onlyCourt returns (address displaced) {
        uint256 taken = _homes[juror].placePlusOne;
        if (taken != 0) revert Jury_AlreadySeated(juror, taken - 1);
        if (stake < _MIN_STAKE) revert Jury_StakeTooLow(stake, _MIN_STAKE);

        uint16 weight = Sampling.weightOf(stake, _MIN_STAKE);
        (uint256 place, uint256 smallest) = _easiestPlace();
        if (weight <= smallest) revert Jury_RosterFull(weight, smallest);

        return _take(place, Place(juror, weight, 0, NEVER));
    }

    /// @dev The place whose juror to come has the smallest weight, 0 if nobody keeps it; of several such places the one
    /// that is free first, so that newcomers don't queue behind those who leave while other places are empty.
    function _easiestPlace() private view returns (uint256 place, uint256 smallest) {
        uint256 lowest = type(uint256).max;
        // A rank up to now is that of a place which is free and which nobody waits for.
        for (uint256 i = 0; i < PLACES && lowest > block.timestamp; ++i) {
            (Place memory current, Place memory next) = placeOf(i);
            uint256 rank = (_comingWeight(current, next) << TIME_BITS) | _freeAt(current);
            if (rank < lowest) (place, lowest) = (i, rank);
        }
        smallest = lowest >> TIME_BITS;
    }

    /// @dev The weight of who will have a place once all that is announced counts.
    function _comingWeight(Place memory current, Place memory next) private pure returns (uint256) {
        Place memory coming = next.account == address(0) ? current : next;
        return coming.until == NEVER ? coming.weight : 0;
    }

    /// @dev Writes the newcomer behind the current juror, or in its place if no case needs that one any more.
    function _take(uint256 place, Place memory newcomer) private returns (address displaced) {
        _moveUp(place);
        displaced = _next[place].account;
        if (displaced != address(0)) {
            delete _homes[displaced];
            delete _next[place];
            emit JurorLeaving(displaced, place, block.timestamp);
        } else if (_current[place].until == NEVER) _endPlace(place, _current[place]);

        uint256 countsAt = block.timestamp + _PLACE_DELAY_SECONDS;
        uint256 freeAt = _freeAt(_current[place]);
        newcomer.from = uint40(countsAt < freeAt ? freeAt : countsAt);
        if (freeAt <= block.timestamp) {
            _forget(place);
            _current[place] = newcomer;
        } else _next[place] = newcomer;
        _homes[newcomer.account] = Home(uint8(place + 1), newcomer.from, NEVER);

        emit JurorSeated(newcomer.account, place, newcomer.weight, newcomer.from);
    }

    /// @dev Moves the next juror up once it counts: nobody needs the one before it any more.
    function _moveUp(uint256 place) private {
        Place memory next = _next[place];
        if (next.account == address(0) || block.timestamp < next.from) return;
        _forget(place);
        _current[place] = next;
        delete _next[place];
    }

    /// @dev The juror who had the place keeps its stake reserved until {remove} is called; it just isn't found here any
    /// more.
    function _forget(uint256 place) private {
        address before = _current[place].account;
        if (before != address(0)) _homes[before].placePlusOne = uint8(PLACES + 1);
    }

    // ---- leaving

    /// @inheritdoc IJury
    function dismiss(address juror) external onlyCourt {
        _dismiss(juror, _requirePlace(juror));
    }

    /// @inheritdoc IJury
    function expel(address juror) external onlyCourt {
        if (_homes[juror].placePlusOne != 0) _dismiss(juror, _requirePlace(juror));
    }

    function _dismiss(address juror, uint256 place) private {
        if (place == PLACES) return;
        _moveUp(place);
        Place storage seat = _recordOf(juror, place);
        // Its place may just have passed on, and its successor stays.
        if (seat.account == juror && seat.until == NEVER) _endPlace(place, seat);
    }

    /// @dev The juror isn't drawn for panels opened after the delay. One that waits longer never counts, and is bound as if
    /// it had: what it took from another can't be given back.
    function _endPlace(uint256 place, Place storage seat) private {
        uint256 until = block.timestamp + _PLACE_DELAY_SECONDS;
        if (until < seat.from) until = seat.from;
        (seat.until, _homes[seat.account].until) = (uint40(until), uint40(until));
        emit JurorLeaving(seat.account, place, until);
    }

    /// @inheritdoc IJury
    function remove(address juror) external onlyCourt {
        uint256 place = _requirePlace(juror);
        if (place != PLACES) {
            _moveUp(place);
            Place storage seat = _recordOf(juror, place);
            if (seat.account == juror) {
                uint256 freeAt = _freeAt(seat);
                if (block.timestamp < freeAt) revert Jury_StillBound(juror, freeAt);
                // One that waits is free only after it has moved up.
                delete _current[place];
            }
        }
        delete _homes[juror];
    }

    // ---- reading

    /// @dev The juror's record at its place: of the one who has it, or who waits for it.
    function _recordOf(address juror, uint256 place) private view returns (Place storage) {
        return _current[place].account == juror ? _current[place] : _next[place];
    }

    /// @dev Unix seconds from which no case needs this juror at its place any more.
    function _freeAt(Place memory seat) private view returns (uint256) {
        if (seat.account == address(0)) return 0;
        return seat.until == NEVER ? NEVER : uint256(seat.until) + _BINDING_SECONDS;
    }

    function _requirePlace(address juror) private view returns (uint256 place) {
        place = _homes[juror].placePlusOne;
        if (place == 0) revert Jury_NotAJuror(juror);
        return place - 1;
    }

    /// @dev Who sits at a place in panels that were opened at `time`; an empty one if nobody does.
    function _seatedAt(uint256 place, uint256 time) internal view returns (Place memory seated) {
        seated = _next[place];
        if (seated.account == address(0) || time < seated.from) seated = _current[place];
        if (time < seated.from || time >= seated.until) delete seated;
    }

    /// @dev The places at which these accounts could be drawn now, as a mask.
    function _placesOf(address[] calldata accounts) internal view returns (uint256 mask) {
        for (uint256 i = 0; i < accounts.length; ++i) {
            Home memory home = _homes[accounts[i]];
            if (home.placePlusOne == 0 || home.placePlusOne > PLACES) continue;
            // A party that only waits for a place must not keep out the juror who has it.
            if (block.timestamp < home.from || block.timestamp >= home.until) continue;
            mask |= 1 << (home.placePlusOne - 1);
        }
    }

    /// @inheritdoc IJury
    function placeOf(uint256 place) public view returns (Place memory current, Place memory next) {
        (current, next) = (_current[place], _next[place]);
        if (next.account != address(0) && block.timestamp >= next.from)
            (current, next) = (next, Place(address(0), 0, 0, 0));
    }

    /// @inheritdoc IJury
    function placeOfJuror(address juror) external view returns (bool isSeated, uint256 place) {
        uint256 placePlusOne = _homes[juror].placePlusOne;
        return placePlusOne == 0 ? (false, 0) : (true, placePlusOne - 1);
    }

    /// @inheritdoc IJury
    function court() external view returns (address) {
        return _COURT;
    }
}
