// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IJury} from "../../../contracts/interfaces/IJury.sol";
import {CaseModel} from "../fixtures/CaseModel.sol";
import {vm} from "../fixtures/Vm.sol";

/// @title Every state of a case, and every call in it
/// @notice From the opening on each state of {CaseModel} is visited once. There every call is tried in the state's last
/// second, and must do what the model says: lead to the next state, or revert with the predicted error. So there is no
/// edge but those of {CaseModel.follow}.
contract CourtStatesTest is CaseModel {
    /// @notice What a branch of the walk has visited.
    error Walked(uint256[] seen);

    uint32 private _round;
    address private _appellant;

    function setUp() public override {
        super.setUp();
        enrol(3);
        join(7);
        joinJury(5, 256);
        _round = playForCases(3);
        _appellant = payer("appellant");
    }

    function test_CasesAboutOpeningsHaveNoOtherEdges() public {
        assertEq(visited(ICourt.CaseKind.OpeningWithheld, contributors[1]), 9);
    }

    function test_CasesAboutStepsHaveNoOtherEdges() public {
        assertGt(visited(ICourt.CaseKind.FalseStep, contributors[1]), 100);
    }

    function test_CasesAboutScoresHaveNoOtherEdges() public {
        assertGt(visited(ICourt.CaseKind.FalseScore, seatsOf(uint32(0))[0]), 100);
    }

    function test_CasesAboutAggregatesHaveNoOtherEdges() public {
        assertGt(visited(ICourt.CaseKind.FalseAggregate, seatsOf(uint32(0))[0]), 100);
    }

    function test_CasesAboutModelsHaveNoOtherEdges() public {
        assertGt(visited(ICourt.CaseKind.FalseModel, seatsOf(ROOT)[0]), 100);
    }

    // ---- the walk

    /// @dev How many states a case of this kind has; all of them were walked through.
    function visited(ICourt.CaseKind kind, address defendant) private returns (uint256 count) {
        _kind = kind;
        _charge = chargeOf(kind, _round, _appellant, defendant);
        _caseId = accuse(_charge);
        _at = kind == ICourt.CaseKind.OpeningWithheld ? At.Asked : At.Drawing;
        uint256[] memory seen = new uint256[](1 << 7);
        walk(seen);
        for (uint256 i = 0; i < seen.length; ++i) {
            for (uint256 rest = seen[i]; rest != 0; rest &= rest - 1) ++count;
        }
    }

    function key() private view returns (uint256) {
        uint256 flags = (_hasRevealed ? 1 : 0) | (_isEmpty ? 2 : 0) | (_wasSuspended ? 4 : 0) | (_isSettled ? 8 : 0);
        return uint256(_at) | (_instance << 4) | (_said << 6) | (flags << 8) | (uint256(_verdict) << 12);
    }

    /// @dev Visits all states from here on that weren't visited; `seen` has a bit for each.
    function walk(uint256[] memory seen) private {
        uint256 here = key();
        if ((seen[here >> 8] >> (here & 255)) & 1 == 1) return;
        seen[here >> 8] |= 1 << (here & 255);
        uint256 end = endsAt();
        if (end != 0) vm.warp(end - 1);
        uint256 time = vm.getBlockTimestamp();
        assertModel();
        for (uint256 i = 0; i < MOVES; ++i) {
            if (!canHappen(Move(i))) continue;
            try this.walkFrom(Move(i), seen) {
                revert("returned");
            } catch (bytes memory said) {
                if (bytes4(said) != Walked.selector) fail(said);
                for (uint256 word = 0; word < seen.length; ++word) seen[word] = wordAt(said, 2 + word);
            }
            vm.warp(time);
        }
    }

    /// @notice Makes a move, and goes on from where it leads. It reverts always, so that nothing of it stays.
    function walkFrom(Move move, uint256[] calldata before) external {
        uint256[] memory seen = before;
        if (tries(move)) {
            follow(move);
            assertModel();
            walk(seen);
        }
        revert Walked(seen);
    }

    /// @dev Word i of an error's values.
    function wordAt(bytes memory said, uint256 i) private pure returns (uint256 word) {
        uint256 offset = 36 + 32 * i;
        assembly ("memory-safe") {
            word := mload(add(said, offset))
        }
    }

    function fail(bytes memory said) private pure {
        assembly ("memory-safe") {
            revert(add(said, 32), mload(said))
        }
    }

    /// @dev What isn't a call happens only in some states.
    function canHappen(Move move) private view returns (bool) {
        if (move == Move.Wait) return endsAt() != 0;
        if (move == Move.Beacon) return _at == At.Drawing;
        if (move == Move.Exhaust) return _at == At.Undrawn;
        return true;
    }

    function tries(Move move) private returns (bool isDone) {
        if (move == Move.Wait) vm.warp(endsAt());
        if (move == Move.Beacon) juryBeacon.answer("a seed");
        if (move == Move.Exhaust) exhaust();
        if (move >= Move.Wait) return true;
        if (move == Move.Accuse) commitTo(_charge);
        bytes memory answer_;
        for (uint256 i = 0; i < callsOf(move); ++i) {
            (address sender, address target, bytes memory call) = callOf(move, i);
            bytes memory refusal = refusalOf(move, sender, digestOf(panelOf(_caseId), sender, TRUTH));
            vm.prank(sender);
            // solhint-disable-next-line avoid-low-level-calls
            (isDone, answer_) = target.call(call);
            assertEq(isDone, refusal.length == 0, name(move));
            if (!isDone) assertEq(answer_, refusal);
        }
    }

    function name(Move move) private view returns (string memory) {
        return string.concat("move ", vm.toString(uint256(move)), " in state ", vm.toString(uint256(_at)));
    }

    function exhaust() private {
        uint256 panelId = panelOf(_caseId);
        while (jury.statusOf(panelId) == IJury.PanelStatus.Drawing) {
            jury.draw(panelId);
            skip(DRAW);
        }
        vm.warp(jury.panelOf(panelId).drawnAt);
    }

    // ---- the calls

    /// @dev All seats vote in one move.
    function callsOf(Move move) private view returns (uint256) {
        bool isVote = move >= Move.CommitTruth && move <= Move.Reveal;
        return isVote && hasSeats() ? placesOf(_caseId).length : 1;
    }

    function hasSeats() private view returns (bool) {
        return _kind != ICourt.CaseKind.OpeningWithheld && jury.panelOf(panelOf(_caseId)).drawn != 0;
    }

    function callOf(Move move, uint256 i) private view returns (address sender, address target, bytes memory call) {
        ICourt.Facts memory facts = factsOf(_caseId);
        (sender, target) = (_appellant, address(court));
        if (move == Move.Post) {
            call = abi.encodeCall(ICourt.postOpening, (_caseId, facts, fieldsOf(facts.defendant, _round)));
        }
        if (move == Move.Appeal) call = abi.encodeCall(ICourt.appeal, (_caseId, facts));
        if (move == Move.Conclude) call = abi.encodeCall(ICourt.conclude, (_caseId, facts));
        if (move == Move.Suspend) (sender, call) = (guardian, abi.encodeCall(ICourt.suspend, (_caseId, facts)));
        if (move == Move.Execute) call = abi.encodeCall(ICourt.execute, (_caseId, facts));
        if (move == Move.ExecuteFor) call = abi.encodeCall(ICourt.executeFor, (_caseId, facts, facts.defendant));
        if (move == Move.Settle) call = abi.encodeCall(ICourt.settleSeat, (_caseId, 0, firstPlace()));
        if (move == Move.Accuse) (target, call) = (address(accusations), accusation(_charge));
        if (move == Move.AddVoter) {
            (sender, call) = (
                address(accusations),
                abi.encodeCall(ICourt.addDefendant, (_caseId, facts, facts.defendant, 1, 0))
            );
        }
        if (move >= Move.Draw) return voteOf(move, i, facts.accused);
    }

    function voteOf(Move move, uint256 i, bytes32 accused) private view returns (address, address, bytes memory) {
        uint256 panelId = panelOf(_caseId);
        if (move == Move.Draw) return (_appellant, address(jury), abi.encodeCall(IJury.draw, (panelId)));
        uint256 place = hasSeats() ? placesOf(_caseId)[i] : 0;
        (, address juror, , ) = jury.seatOf(panelId, place);
        if (juror == address(0)) juror = _appellant;
        uint256 said = move == Move.Reveal ? _said : uint256(move) - uint256(Move.CommitTruth) + 1;
        bytes32 value = valueOf(said, accused);
        if (move == Move.Reveal) {
            if (value == 0) value = TRUTH;
            return (juror, address(jury), abi.encodeCall(IJury.revealVote, (panelId, place, value, 0, 0)));
        }
        return (
            juror,
            address(jury),
            abi.encodeCall(IJury.commitVote, (panelId, place, digestOf(panelId, juror, value)))
        );
    }

    function valueOf(uint256 said, bytes32 accused) private pure returns (bytes32) {
        return [bytes32(0), TRUTH, accused, MISSING][said];
    }

    function digestOf(uint256 panelId, address juror, bytes32 value) private view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(jury), panelId, juror, value, bytes32(0), bytes32(0)));
    }
}
