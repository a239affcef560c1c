// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {CourtNeighbours} from "../fixtures/CourtNeighbours.sol";
import {OpenCourt} from "../fixtures/OpenCourt.sol";
import {Test} from "../fixtures/Test.sol";
import {vm} from "../fixtures/Vm.sol";

/// @notice What one more offence costs is what all cost together with it, less what they cost without it, in whatever order they
/// are punished, wherever a word of 160 rounds ends.
contract OffencesTest is Test {
    struct Offence {
        uint32 round;
        uint96 base;
    }

    ICourt.CaseKind private constant DOUBLED = ICourt.CaseKind.WindowWithheld;
    ICourt.CaseKind private constant WHOLE = ICourt.CaseKind.FalseStep;
    uint32 private constant SPREAD = 24;

    /// Rounds around which offences lie: the first ones, and those where one word ends.
    uint32[3] private _edges = [0, 148, 308];
    OpenCourt private _court = new OpenCourt(new CourtNeighbours(), 1_000_500, 1);
    /// Another account has no offences yet.
    uint160 private _account = 1;
    Offence[] private _punished;

    function test_TwoOffencesCostTheSameInBothOrders() public {
        for (uint32 first = 150; first < 164; ++first) {
            for (uint256 way = 0; way < 4; ++way) {
                // The last distance of a repeat, and the first one that is none.
                uint32 distance = way & 1 == 0 ? 7 : 8;
                clear();
                punish(WHOLE, way & 2 == 0 ? first : first + distance, 100_000);
                punish(WHOLE, way & 2 == 0 ? first + distance : first, 70_000);
            }
        }
    }

    function testFuzz_ManyOffencesCostTheSameInEveryOrder(uint256 seed, uint8[6] memory rounds) public {
        clear();
        ICourt.CaseKind kind = seed & 1 == 0 ? DOUBLED : WHOLE;
        uint32 edge = _edges[(seed >> 1) % 3];
        for (uint256 i = 0; i < 6; ++i) {
            uint32 round = edge + (rounds[i] % SPREAD);
            // Some have the base of the first one.
            uint96 base = uint96(100_000 + 1_000 * ((seed >> (8 + 2 * i)) & 3));
            if (!contains(round)) punish(kind, round, base);
        }
        for (uint32 round = edge; round < edge + SPREAD; ++round) {
            assertTrue(_court.isPunished(factsOf(kind, round)) == contains(round));
        }
    }

    /// Neither another kind, nor another task, nor another account is meant.
    function test_AnOffenceIsOfItsKindTaskAndAccount() public {
        punish(WHOLE, 5, 100_000);
        ICourt.Facts memory facts = factsOf(WHOLE, 5);
        assertTrue(_court.isPunished(facts));
        facts.taskId = 2;
        assertFalse(_court.isPunished(facts));
        facts = factsOf(DOUBLED, 5);
        assertFalse(_court.isPunished(facts));
        clear();
        assertFalse(_court.isPunished(factsOf(WHOLE, 5)));
    }

    /// An offence writes one word, and a base of its own only where that isn't the first one's.
    function test_OnlyAnotherBaseIsWritten() public {
        uint256 word = writesOf(5, 100);
        assertEq(writesOf(6, 100), word);
        assertEq(writesOf(7, 101), word + 1);
        clear();
        assertEq(writesOf(0, 100), word);
        assertEq(writesOf(1, 100), word);
    }

    function writesOf(uint32 round, uint256 base) private returns (uint256 writes) {
        ICourt.Facts memory facts = factsOf(WHOLE, round);
        vm.record();
        _court.notePunished(facts, base);
        (, writes) = accessesOf(address(_court));
    }

    function test_RevertWhen_AnOffenceWasPunished() public {
        ICourt.Facts memory facts = factsOf(WHOLE, 5);
        _court.requireUnpunished(facts);
        punish(WHOLE, 5, 100_000);
        bytes32 offence = keccak256(abi.encode(WHOLE, 1, 5, address(_account)));
        vm.expectRevert(abi.encodeWithSelector(ICourt.Court_OffenceDecided.selector, offence));
        _court.requireUnpunished(facts);
    }

    function clear() private {
        delete _punished;
        ++_account;
    }

    function punish(ICourt.CaseKind kind, uint32 round, uint96 base) private {
        ICourt.Facts memory facts = factsOf(kind, round);
        uint256 before = costOfAll(kind);
        _punished.push(Offence(round, base));
        assertEq(_court.penaltyFor(facts, base), costOfAll(kind) - before);
        _court.notePunished(facts, base);
    }

    function factsOf(ICourt.CaseKind kind, uint32 round) private view returns (ICourt.Facts memory facts) {
        (facts.kind, facts.taskId, facts.round, facts.defendant) = (kind, 1, round, address(_account));
    }

    function contains(uint32 round) private view returns (bool) {
        for (uint256 i = 0; i < _punished.length; ++i) if (_punished[i].round == round) return true;
        return false;
    }

    /// @dev A window costs a tenth, twice as much with each one in the seven rounds before it; a step half, then all.
    function costOfAll(ICourt.CaseKind kind) private view returns (uint256 sum) {
        for (uint256 i = 0; i < _punished.length; ++i) {
            uint256 before = 0;
            uint256 round = _punished[i].round;
            for (uint256 j = 0; j < _punished.length; ++j) {
                if (_punished[j].round < round && _punished[j].round + 8 > round) ++before;
            }
            uint256 percent = before < 4 ? 10 << before : 100;
            if (kind == WHOLE) percent = before == 0 ? 50 : 100;
            sum += (_punished[i].base * percent) / 100;
        }
    }
}
