// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccusations} from "../../../contracts/interfaces/IAccusations.sol";
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

    uint256 private constant JURORS = 5;

    uint32 private _round;
    address private _appellant;

    function setUp() public override {
        super.setUp();
        enrol(3);
        join(7);
        joinJury(JURORS, 256);
        _round = playForCases(3);
        _appellant = payer("appellant");
    }

    function test_CasesAboutOpeningsHaveNoOtherEdges() public {
        assertEq(visited(ICourt.CaseKind.OpeningWithheld, contributors[1]), 15);
    }

    function test_CasesAboutStepsHaveNoOtherEdges() public {
        assertGt(visited(ICourt.CaseKind.FalseStep, contributors[2]), 100);
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

    function test_CasesAboutTwoStatementsHaveNoOtherEdges() public {
        assertEq(visited(ICourt.CaseKind.TwoStatements, validators[1]), 13);
    }

    function test_CasesAboutWindowsHaveNoOtherEdges() public {
        assertGt(visited(ICourt.CaseKind.WindowWithheld, contributors[1]), 100);
    }

    // ---- what seats and validators say

    function isSaidWithheld(address, address contributor) internal view override returns (bool) {
        return contributor == contributors[1];
    }

    function signsTwice(address) internal pure override returns (bool) {
        return true;
    }

    // ---- the walk

    /// @dev How many states a case of this kind has; all of them were walked through.
    function visited(ICourt.CaseKind kind, address defendant) private returns (uint256 count) {
        _kind = kind;
        _charge = chargeOf(kind, _round, _appellant, defendant);
        if (kind == ICourt.CaseKind.WindowWithheld) _charge.challenger = askerWithBond();
        if (kind == ICourt.CaseKind.FalseStep) _charge.window = windowAt(_round, defendant, 0);
        _seat = seatsOf(uint32(0))[0];
        _seatStake = stakeOf(_seat);
        _caseId = accuse(_charge);
        _at = kind == ICourt.CaseKind.TwoStatements ? At.Unanswered : At.Drawing;
        if (kind == ICourt.CaseKind.OpeningWithheld) _at = At.Asked;
        uint256[] memory seen = new uint256[](1 << 7);
        walk(seen);
        for (uint256 i = 0; i < seen.length; ++i) {
            for (uint256 rest = seen[i]; rest != 0; rest &= rest - 1) ++count;
        }
    }

    /// @dev The seat that looks at the window after the one that replays it; readers have ASSAY for a bond, too.
    function askerWithBond() private returns (address asker) {
        asker = seatsOf(uint32(0))[1];
        for (uint256 i = 0; i < 6; ++i) {
            address account = i == 5 ? asker : jurorAt(i);
            assay.transfer(account, WALLET);
            vm.prank(account);
            assay.approve(address(court), type(uint256).max);
        }
    }

    /// @dev 15 bits. What a verdict is follows from what was said, but for answers and for what all jurors annulled.
    function key() private view returns (uint256) {
        uint256 place = uint256(_at);
        if (_verdict == ICourt.Verdict.Answered) place = 13;
        if (_verdict == ICourt.Verdict.Annulled) place = 14;
        uint256 flags = (_hasRevealed ? 1 : 0) | (_isEmpty ? 2 : 0) | (_isSettled ? 4 : 0);
        if (_isDeclared || _isAdded) flags |= 8;
        uint256 poll = _wasSuspended ? 1 + uint256(_decision) : 0;
        return place | (_instance << 4) | (_said << 6) | (flags << 9) | (poll << 13);
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
            // What is refused leaves nothing to be undone.
            if (isRefused(Move(i))) {
                assertFalse(tries(Move(i)));
                continue;
            }
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
            bool isWorthIt = leadsOn(move);
            follow(move);
            assertModel();
            if (isWorthIt) walk(seen);
        }
        revert Walked(seen);
    }

    /// @dev Not where only what was declared, who was added or a vote that came too late tells a state from one that is walked
    /// anyway.
    function leadsOn(Move move) private view returns (bool) {
        if (move == Move.PollExecute || move == Move.PollAnnul) return _at != At.Closed;
        if (move == Move.Declare || move == Move.ClaimPass) return _instance == 0 && _at == At.Drawing;
        if (move == Move.ExecutePass) return false;
        if (_isAdded) return move != Move.Appeal && move != Move.CommitMissing;
        return !_isDeclared || move < Move.CommitTruth || move > Move.CommitMissing;
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
        // Updates are of scores, and states that differ of windows.
        bool isOther = _kind == ICourt.CaseKind.FalseScore || _kind == ICourt.CaseKind.WindowWithheld;
        return move != Move.CommitOther || isOther;
    }

    function isRefused(Move move) private view returns (bool) {
        if (move >= Move.Wait) return false;
        address sender = senderOf(move, 0);
        return refusalOf(move, sender, digestOf(panelOf(_caseId), sender, TRUTH)).length != 0;
    }

    function tries(Move move) private returns (bool isDone) {
        if (move == Move.Wait) vm.warp(endsAt());
        if (move == Move.Beacon) juryBeacon.answer("a seed");
        if (move == Move.Exhaust) exhaust();
        if (move >= Move.Wait) return true;
        bool isVain = isRefused(move);
        if (!isVain) commitFirst(move);
        bytes memory answer_;
        uint256 count = isVain ? 1 : callsOf(move);
        for (uint256 i = 0; i < count; ++i) {
            address sender = senderOf(move, i);
            (address target, bytes memory call) = callOf(move, i);
            bytes memory refusal = refusalOf(move, sender, digestOf(panelOf(_caseId), sender, TRUTH));
            vm.prank(sender);
            // solhint-disable-next-line avoid-low-level-calls
            (isDone, answer_) = target.call(call);
            if (isDone != (refusal.length == 0)) assertEq(isDone, !isDone, name(move));
            if (!isDone) assertEq(answer_, refusal);
        }
    }

    function commitFirst(Move move) private {
        if (move == Move.Accuse) commitTo(_charge);
        if (move != Move.ReadStep) return;
        Charge memory charge = _charge;
        (charge.kind, charge.challenger) = (ICourt.CaseKind.FalseStep, jurorAt(firstPlace()));
        commitTo(charge);
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

    /// @dev All seats vote in one move; where one is refused, all are.
    function callsOf(Move move) private view returns (uint256) {
        if (move == Move.PollExecute || move == Move.PollAnnul) return JURORS;
        bool isVote = move >= Move.CommitTruth && move <= Move.Reveal;
        return isVote && hasSeats() ? placesOf(_caseId).length : 1;
    }

    function hasSeats() private view returns (bool) {
        return hasPanel() && jury.panelOf(panelOf(_caseId)).drawn != 0;
    }

    function senderOf(Move move, uint256 i) private view returns (address) {
        if (move == Move.Suspend) return guardian;
        if (move == Move.Accuse) return _charge.challenger;
        if (move == Move.AddVoter) return address(accusations);
        if (move == Move.Declare) return _charge.defendant;
        if (move == Move.ReadStep) return jurorAt(firstPlace());
        if (move == Move.PollExecute || move == Move.PollAnnul) return jurorAt(i);
        if (move == Move.ClaimPass || move == Move.ExecutePass) return stranger;
        return move > Move.Draw && hasSeats() ? jurorAt(placesOf(_caseId)[i]) : _appellant;
    }

    function callOf(Move move, uint256 i) private view returns (address target, bytes memory call) {
        ICourt.Facts memory facts = factsOf(_caseId);
        if (move >= Move.Draw) return (address(jury), voteOf(move, i, facts.accused));
        if (move > Move.AddVoter) return lateCallOf(move, i, facts);
        if (move == Move.Accuse) return (accuserOf(_kind), accusation(_charge));
        target = address(court);
        if (move == Move.Post) {
            call = abi.encodeCall(ICourt.postOpening, (_caseId, facts, fieldsOf(facts.defendant, _round)));
        }
        if (move == Move.Appeal) call = abi.encodeCall(ICourt.appeal, (_caseId, facts));
        if (move == Move.Conclude) call = abi.encodeCall(ICourt.conclude, (_caseId, facts));
        if (move == Move.Suspend) call = abi.encodeCall(ICourt.suspend, (_caseId, facts));
        if (move == Move.Annul) call = abi.encodeCall(ICourt.annul, (_caseId, facts));
        if (move == Move.Execute) call = abi.encodeCall(ICourt.execute, (_caseId, facts));
        if (move == Move.ExecuteFor) call = abi.encodeCall(ICourt.executeFor, (_caseId, facts, facts.defendant));
        if (move == Move.Settle) call = abi.encodeCall(ICourt.settleSeat, (_caseId, 0, firstPlace()));
        if (move == Move.AddVoter) {
            call = abi.encodeCall(ICourt.addDefendant, (_caseId, facts, facts.defendant, 1, 0));
        }
    }

    function lateCallOf(Move move, uint256 i, ICourt.Facts memory facts) private view returns (address, bytes memory) {
        if (move == Move.Declare) {
            bytes memory declaration = abi.encodeCall(IAccusations.declareUpdate, (_caseId, facts, "https://a.store"));
            return (address(accusations), declaration);
        }
        if (move == Move.ReadStep) {
            return (accuserOf(ICourt.CaseKind.WindowWithheld), readStep(_caseId, firstPlace()));
        }
        if (move == Move.ClaimPass) {
            return (accuserOf(ICourt.CaseKind.WindowWithheld), passClaim(_caseId, _seat, 0));
        }
        if (move == Move.ExecutePass) {
            return (address(court), abi.encodeCall(ICourt.executeFor, (_caseId, facts, _seat)));
        }
        return (address(jury), abi.encodeCall(IJury.votePoll, (_caseId, i, move == Move.PollExecute)));
    }

    function voteOf(Move move, uint256 i, bytes32 accused) private view returns (bytes memory) {
        uint256 panelId = panelOf(_caseId);
        if (move == Move.Draw) return abi.encodeCall(IJury.draw, (panelId));
        uint256 place = hasSeats() ? placesOf(_caseId)[i] : 0;
        uint256 said = move == Move.Reveal ? _said : uint256(move) - uint256(Move.CommitTruth) + 1;
        bytes32 value = valueOf(said, accused);
        if (move == Move.Reveal) {
            if (value == 0) value = TRUTH;
            return abi.encodeCall(IJury.revealVote, (panelId, place, value, 0, 0));
        }
        return abi.encodeCall(IJury.commitVote, (panelId, place, digestOf(panelId, senderOf(move, i), value)));
    }

    function valueOf(uint256 said, bytes32 accused) private view returns (bytes32) {
        bytes32 other = _kind == ICourt.CaseKind.WindowWithheld ? DIFFERS : UNAVAILABLE;
        return [bytes32(0), TRUTH, accused, MISSING, other][said];
    }

    function digestOf(uint256 panelId, address juror, bytes32 value) private view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(jury), panelId, juror, value, bytes32(0), bytes32(0)));
    }
}
