// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICourt} from "../../../contracts/interfaces/ICourt.sol";
import {IJury} from "../../../contracts/interfaces/IJury.sol";
import {IRoundsAnyone} from "../../../contracts/interfaces/IRoundsAnyone.sol";
import {IRoundsEvents} from "../../../contracts/interfaces/IRoundsEvents.sol";
import {IRoundsMembers} from "../../../contracts/interfaces/IRoundsMembers.sol";
import {IStakeRegistry} from "../../../contracts/interfaces/IStakeRegistry.sol";
import {ITasks} from "../../../contracts/interfaces/ITasks.sol";
import {ChargesOnRounds} from "../fixtures/ChargesOnRounds.sol";
import {vm} from "../fixtures/Vm.sol";

/// @title Nobody escapes a slash by moving stake
/// @notice With the times of a real deployment, all of them used up: a round of seven days, an accusation in the last
/// second of four, panels and appeals and the guardian in their last seconds, and the execution in the last second before
/// stake that was asked for at once could leave, 28 days after the fault. An offender tries one way out from a boundary on,
/// again at each later one. Whatever it does, the slash takes the same.
contract CourtEscapesTest is ChargesOnRounds {
    uint256 private constant UNBONDING = 28 days;
    /// Seal, score, finalize, accuse, judge, appeal, conclude, the guardian suspends, execute.
    bytes private constant JURY_STEPS = "LSFAJPJPJCGX";
    /// Whoever was drawn is known: the round is sealed.
    bytes private constant SEALED_STEPS = "SFAJPJPJCGX";
    bytes private constant OPENING_STEPS = "LSFACGX";
    bytes private constant STATEMENT_STEPS = "SFACGX";
    /// A seat is accused, too, before the case about the step is concluded.
    bytes private constant PASS_STEPS = "SFAJPJPJKCGX";
    /// Readers find a window to differ; one of them accuses the contributor of the step.
    bytes private constant READER_STEPS = "SFAJPJPJCRJPJPJCGX";

    /// @notice What a way out came to.
    error Fled(uint256 done, uint256 taken, uint256 forfeited);

    enum Way {
        Stay,
        Unbond,
        Split,
        Leave,
        Rejoin,
        Transfer,
        Claim,
        Juror,
        OtherTask
    }
    uint256 private constant WAYS = 9;

    uint256 private _startedAt;
    uint64 private _otherTask;
    Charge private _charge;
    /// Who tries to escape: the defendant, or a seat that was accused, too.
    address private _offender;
    /// What all jurors and readers say.
    bytes32 private _report = TRUTH;
    /// Whether the pay of the round matures before it is kept for good.
    bool private _hasMatured;
    /// The seat that got no window of the second contributor.
    address private _asker;
    uint256 private _caseId;
    address private _appellant;

    function setUp() public override {
        super.setUp();
        _otherTask = createTask(terms());
        enrol(3);
        join(7);
        for (uint256 i = 0; i < 7; ++i) giveStake(validators[i], 300 ether);
        joinJury(5, 256);
        for (uint256 i = 0; i < 5; ++i) giveBond(jurorAt(i));
        _appellant = payer("appellant");
        openForCases();
        _startedAt = block.timestamp;
        submit(3);
    }

    function giveStake(address account, uint256 amount) private {
        assay.transfer(account, amount);
        vm.prank(account);
        registry.stake(amount);
    }

    /// @dev ASSAY for the bond of a reader, or of a seat that asks for a window.
    function giveBond(address account) private {
        assay.transfer(account, WALLET);
        vm.prank(account);
        assay.approve(address(court), type(uint256).max);
    }

    function isSaidWithheld(address seat, address contributor) internal view override returns (bool) {
        return seat == _asker && contributor == contributors[1];
    }

    function signsTwice(address) internal pure override returns (bool) {
        return true;
    }

    // ---- the terms of a real deployment

    function unbondingSeconds() internal pure override returns (uint256) {
        return UNBONDING;
    }

    function timing() internal pure override returns (ITasks.Timing memory) {
        return ITasks.Timing(7 days, 4 days, 10 days, 4 days, 2 days, 1 minutes);
    }

    function terms() internal override returns (ITasks.TaskParams memory params) {
        params = super.terms();
        (params.submitSeconds, params.openSeconds, params.challengeSeconds) = (1 days, 1 days, 4 days);
        (params.commitSeconds, params.revealSeconds, params.aggregateSeconds) = (20 hours, 20 hours, 20 hours);
    }

    function courtTerms() internal view override returns (ICourt.CourtTerms memory terms_) {
        terms_ = super.courtTerms();
        (terms_.openingSeconds, terms_.appealSeconds) = (1 days, 12 hours);
        (terms_.guardianSeconds, terms_.suspensionSeconds) = (1 days, 3 days);
    }

    function juryTerms() internal view override returns (IJury.JuryTerms memory terms_) {
        terms_ = super.juryTerms();
        (terms_.placeDelaySeconds, terms_.bindingSeconds) = (1 days, 9 days);
        (terms_.drawSeconds, terms_.commitSeconds, terms_.revealSeconds) = (1 hours, 12 hours, 6 hours);
    }

    // ---- the tables

    function test_Attack09_NoContributorEscapesAFalseStep() public {
        table(JURY_STEPS, chargeOf(ICourt.CaseKind.FalseStep, 1, _appellant, contributors[1]), 50 ether);
    }

    function test_Attack09_NoContributorEscapesAWithheldOpening() public {
        table(OPENING_STEPS, chargeOf(ICourt.CaseKind.OpeningWithheld, 1, _appellant, contributors[1]), 10 ether);
    }

    /// The base is the least stake times the frozen weight: 200 · 384 / 256.
    function test_Attack09_NoValidatorEscapesAFalseScore() public {
        take("L");
        address seat = seatsOf(uint32(0))[0];
        table(SEALED_STEPS, chargeOf(ICourt.CaseKind.FalseScore, 1, _appellant, seat), 90 ether);
    }

    function test_Attack09_NoValidatorEscapesTwoStatements() public {
        take("L");
        address seat = seatsOf(uint32(0))[0];
        table(STATEMENT_STEPS, chargeOf(ICourt.CaseKind.TwoStatements, 1, _appellant, seat), 300 ether);
    }

    function test_Attack09_NoContributorEscapesAWithheldWindow() public {
        _report = MISSING;
        table(SEALED_STEPS, requested(), 10 ether);
    }

    /// The longest way to a verdict: readers, all appeals, then a case about the step and all of its appeals. Between the two
    /// cases nothing keeps the pay.
    function test_Attack09_NoContributorEscapesItsReaders() public {
        (_report, _hasMatured) = (DIFFERS, true);
        table(READER_STEPS, requested(), 50 ether);
    }

    /// Whoever claims to have replayed the window is accused as late as it can be.
    function test_Attack09_NoValidatorEscapesAClaimedPass() public {
        take("L");
        Charge memory charge = chargeOf(ICourt.CaseKind.FalseStep, 1, _appellant, contributors[1]);
        charge.window = windowAt(1, contributors[1], 0);
        _offender = seatsOf(uint32(0))[0];
        table(PASS_STEPS, charge, 90 ether);
    }

    /// @dev The charge of a seat that got no window of the second contributor, once the round is sealed. The fourth window is
    /// the first seat's; the next one looks at it.
    function requested() private returns (Charge memory) {
        take("L");
        _asker = seatsOf(uint32(0))[1];
        giveBond(_asker);
        return chargeOf(ICourt.CaseKind.WindowWithheld, 1, _asker, contributors[1]);
    }

    /// @dev Each way out from the second before each step on, and from right after it on.
    function table(bytes memory steps, Charge memory charge, uint256 penalty) private {
        _charge = charge;
        if (_offender == address(0)) _offender = charge.defendant;
        uint256[WAYS] memory worked;
        row(steps, 0, penalty, worked);
        for (uint256 i = 0; i < steps.length; ++i) {
            warpUntil(dueAt(steps[i]) - 1);
            row(steps, i, penalty, worked);
            warpUntil(dueAt(steps[i]));
            if (i + 1 == steps.length) break;
            take(steps[i]);
            row(steps, i + 1, penalty, worked);
        }
        // A way out that is always refused would prove nothing.
        for (uint256 way = 1; way < WAYS; ++way) {
            if (Way(way) != Way.Claim) assertGt(worked[way], 0, vm.toString(way));
        }
    }

    function row(bytes memory steps, uint256 from, uint256 penalty, uint256[WAYS] memory worked) private {
        uint256 pay = 0;
        uint256 time = vm.getBlockTimestamp();
        for (uint256 way = 0; way < WAYS; ++way) {
            (uint256 done, uint256 taken, uint256 forfeited) = outcomeOf(steps, from, Way(way));
            vm.warp(time);
            worked[way] += done;
            if (way == 0) pay = forfeited;
            assertEq(pay == 0, _hasMatured, "pay of the round");
            assertEq(taken, penalty, where(from, way));
            assertEq(forfeited, pay, where(from, way));
        }
    }

    function where(uint256 from, uint256 way) private pure returns (string memory) {
        return string.concat("way ", vm.toString(way), " from step ", vm.toString(from));
    }

    function outcomeOf(
        bytes memory steps,
        uint256 from,
        Way way
    ) private returns (uint256 done, uint256 taken, uint256 forfeited) {
        try this.flee(steps, from, way) {
            revert("returned");
        } catch (bytes memory said) {
            assembly ("memory-safe") {
                done := mload(add(said, 36))
                taken := mload(add(said, 68))
                forfeited := mload(add(said, 100))
                // Anything else failed.
                if iszero(eq(mload(said), 100)) {
                    revert(add(said, 32), mload(said))
                }
            }
        }
    }

    /// @notice Tries a way out now and after each step that is left. It reverts always, so that nothing of it stays.
    function flee(bytes calldata steps, uint256 from, Way way) external {
        uint256 done = escape(way);
        for (uint256 i = from; i + 1 < steps.length; ++i) {
            warpUntil(dueAt(steps[i]));
            take(steps[i]);
            done += escape(way);
        }
        warpUntil(_startedAt + UNBONDING - 1);
        done += escape(way);
        uint256 before = stakeOf(_offender);
        (, uint256 taken, uint256 forfeited) = executeNoted(_caseId);
        if (_offender != _charge.defendant) {
            vm.recordLogs();
            executeFor(_caseId, _offender);
            (, taken, forfeited) = lossIn(vm.getRecordedLogs());
        }
        assertEq(before - stakeOf(_offender), taken, "stake");
        revert Fled(done, taken, forfeited);
    }

    // ---- steps

    /// @dev The last second in which a step is possible.
    function dueAt(bytes1 step) private view returns (uint256) {
        if (step == "L") return view_().submitEnd;
        if (step == "F") return _startedAt + 7 days;
        if (step == "A") return _startedAt + 7 days + 4 days - 1;
        if (step == "J") return jury.panelOf(panelOf(_caseId)).requestedAt + 1 hours - 1;
        if (step == "P") return jury.revealEndOf(panelOf(_caseId)) + 12 hours - 1;
        if (step == "C" && _charge.kind == ICourt.CaseKind.OpeningWithheld) return court.caseOf(_caseId).readyAt;
        if (step == "R") return court.caseOf(_caseId).readyAt + 12 hours - 1;
        if (step == "G") return court.caseOf(_caseId).readyAt - 1;
        if (step == "X") return _startedAt + UNBONDING - 1;
        return vm.getBlockTimestamp();
    }

    function take(bytes1 step) private {
        if (step == "L") sealForCases();
        else if (step == "S") score();
        else if (step == "F") finalize();
        else if (step == "A") _caseId = accuse(_charge);
        else if (step == "J") judge(_caseId, _report);
        else if (step == "P") appeal(_caseId, _appellant);
        else if (step == "C") conclude(_caseId);
        else if (step == "K") accusePass();
        else if (step == "R") accuseReadStep();
        else suspend(_caseId);
    }

    function accusePass() private {
        bytes memory call = passClaim(_caseId, _offender, 0);
        // solhint-disable-next-line avoid-low-level-calls
        (bool isDone, ) = address(accusations.windows()).call(call);
        assertTrue(isDone, "accused, too");
    }

    function accuseReadStep() private {
        uint256 readingId = _caseId;
        uint256 place = firstPlaceOf(readingId);
        (_charge.kind, _charge.challenger, _report) = (ICourt.CaseKind.FalseStep, jurorAt(place), TRUTH);
        commitTo(_charge);
        _caseId = openNoted(address(accusations.windows()), readStep(readingId, place), _charge.challenger);
    }

    /// @dev The first reader.
    function firstPlaceOf(uint256 caseId) private view returns (uint256 place) {
        uint256 drawn = jury.panelOf(court.caseOf(caseId).panelIds[0]).drawn;
        while ((drawn >> place) & 1 == 0) ++place;
    }

    function score() private {
        planForCases();
        noteSheets();
        scoreAttempt(0);
        settleForCases();
        voteForCases();
    }

    // ---- ways out

    /// @return done how many of its calls succeeded
    function escape(Way way) private returns (uint256 done) {
        address registry_ = address(registry);
        if (way == Way.Unbond) return unbond(1);
        if (way == Way.Split) {
            return unbond(2) + tries(registry_, abi.encodeCall(IStakeRegistry.cancelUnstake, ())) + unbond(1);
        }
        if (way == Way.Leave) return quit() + unbond(1);
        if (way == Way.Rejoin) return quit() + enter(taskId);
        if (way == Way.OtherTask) return enter(_otherTask);
        if (way == Way.Transfer) return transfer();
        if (way == Way.Juror) {
            uint256 free = registry.freeStakeOf(_offender);
            return tries(address(court), abi.encodeCall(ICourt.joinJury, (free, new bytes(32))));
        }
        if (way == Way.Claim) {
            return tries(address(rounds), abi.encodeCall(IRoundsAnyone.claim, (taskId, _offender)));
        }
    }

    function tries(address target, bytes memory call) private returns (uint256) {
        vm.prank(_offender);
        // solhint-disable-next-line avoid-low-level-calls
        (bool isDone, ) = target.call(call);
        return isDone ? 1 : 0;
    }

    function unbond(uint256 parts) private returns (uint256) {
        uint256 amount = registry.freeStakeOf(_offender) / parts;
        return tries(address(registry), abi.encodeCall(IStakeRegistry.requestUnstake, (amount)));
    }

    function isContributor() private view returns (bool) {
        return contains(contributors, _offender);
    }

    function quit() private returns (uint256) {
        if (isContributor()) return tries(address(tasks), abi.encodeCall(ITasks.leaveTask, (taskId, 0)));
        return
            tries(address(tasks), abi.encodeCall(ITasks.leaveValidators, (taskId))) +
            tries(address(tasks), abi.encodeCall(ITasks.releaseValidator, (taskId, _offender)));
    }

    function enter(uint64 task) private returns (uint256) {
        if (isContributor()) {
            return tries(address(tasks), abi.encodeCall(ITasks.enrol, (task, keccak256("other data"), 1)));
        }
        return
            tries(address(tasks), abi.encodeCall(ITasks.joinValidators, (task, 200 ether, new bytes(32)))) +
            tries(address(rounds), abi.encodeCall(IRoundsMembers.ready, (task, POOL)));
    }

    /// @dev A position has no call that gives it to another account. What can be withdrawn goes to a friend.
    function transfer() private returns (uint256 done) {
        done = unbond(1);
        assertEq(tries(address(registry), abi.encodeCall(IStakeRegistry.withdraw, ())), 0, "withdrawn");
        vm.prank(_offender);
        assay.transfer(_appellant, assay.balanceOf(_offender));
    }

    // ---- one second later

    /// The last slashable second is the last: stake that was asked for at the fault leaves in the next one.
    function test_Attack10_StakeLeavesAfterTheLastSlashableSecond() public {
        address alice = contributors[1];
        vm.prank(alice);
        registry.requestUnstake(899 ether);
        uint256 availableAt = block.timestamp + UNBONDING;
        vm.warp(availableAt - 1);
        vm.expectRevert(abi.encodeWithSelector(IStakeRegistry.StakeRegistry_StillUnbonding.selector, availableAt));
        vm.prank(alice);
        registry.withdraw();
        vm.warp(availableAt);
        vm.prank(alice);
        registry.withdraw();
        assertEq(stakeOf(alice), 100 ether);
    }

    // ---- be outbid

    /// A larger bid takes the smallest place of a full roster at the opening before any step of the case.
    function test_Attack09_NoValidatorEscapesByBeingOutbid() public {
        outbidTable(SEALED_STEPS, ICourt.CaseKind.FalseScore, 90 ether);
    }

    function test_Attack09_NoValidatorEscapesTwoStatementsByBeingOutbid() public {
        outbidTable(STATEMENT_STEPS, ICourt.CaseKind.TwoStatements, 300 ether);
    }

    function outbidTable(bytes memory steps, ICourt.CaseKind kind, uint256 penalty) private {
        take("L");
        address seat = seatsOf(uint32(0))[0];
        (_charge, _offender) = (chargeOf(kind, 1, _appellant, seat), seat);
        take("S");
        for (uint256 i = 0; i < 7; ++i) if (validators[i] != seat) raise(validators[i]);
        for (uint256 i = 7; i < 64; ++i) joinWith(2 * STAKE);
        vm.warp(_startedAt + 7 days);
        take("F");
        address bidder = joinWith(3 * STAKE);
        // All these bids count from round 3 on.
        rounds.openRound(taskId);
        skip(1 days);
        rounds.closeSubmissions(taskId);
        for (uint256 step = 2; step + 1 < steps.length; ++step) {
            uint256 state = vm.snapshotState();
            this.beOutbid(steps, step, bidder, penalty);
            vm.revertToStateAndDelete(state);
        }
    }

    function raise(address validator) private {
        vm.prank(validator);
        tasks.raiseValidatorStake(taskId, 100 ether);
    }

    /// @notice The opening before a step replaces the defendant, who leaves with all that it may.
    function beOutbid(bytes calldata steps, uint256 from, address bidder, uint256 penalty) external {
        uint256 left = 0;
        for (uint256 i = 2; i + 1 < steps.length; ++i) {
            warpUntil(dueAt(steps[i]) - 1);
            if (i == from) {
                expectFromRounds();
                emit IRoundsEvents.ValidatorOutbid(taskId, 3, _offender, bidder);
                rounds.openRound(taskId);
            }
            if (i >= from) left += escape(Way.Leave);
            warpUntil(dueAt(steps[i]));
            take(steps[i]);
        }
        warpUntil(_startedAt + UNBONDING - 1);
        left += escape(Way.Leave);
        assertGt(left, 0, "left");
        (, uint256 taken, ) = executeNoted(_caseId);
        assertEq(taken, penalty);
    }
}
