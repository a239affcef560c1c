// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Tasks} from "../../contracts/Tasks.sol";
import {StakeRegistry} from "../../contracts/StakeRegistry.sol";
import {IStakeRegistry} from "../../contracts/interfaces/IStakeRegistry.sol";
import {ITasks} from "../../contracts/interfaces/ITasks.sol";
import {Chain} from "./fixtures/Chain.sol";
import {RoundsDouble} from "./fixtures/RoundsDouble.sol";
import {Test} from "./fixtures/Test.sol";
import {PlainToken} from "./fixtures/Tokens.sol";
import {vm} from "./fixtures/Vm.sol";

/// Random owners, contributors and validators of three tasks that pay in two tokens, checked against a model of the
/// escrow. (All in one file: the runner finds handlers only in the files that it is given.)
///
/// Each action first predicts, from the model alone, the result of the call or its error; then it makes the call and
/// compares. Inputs reach one past each limit. The model keeps wei by purpose: open (not assigned), held (for the open
/// round), owed (credited, not paid), paid, refunded.
contract TasksHandler is Test {
    uint256 public constant ACTORS = 8;
    uint64 public constant TASKS = 3;
    uint256 private constant GRANT = 1e22;

    struct Book {
        uint256 open;
        uint256 held;
        uint256 owed;
        uint256 paid;
        uint256 refunded;
        uint256 cost;
        bool closed;
        address owner;
        PlainToken money;
    }

    Tasks private immutable _TASKS;
    StakeRegistry private immutable _REGISTRY;
    RoundsDouble private immutable _ROUNDS;
    PlainToken[2] private _moneys;

    address[] public actors;
    mapping(uint64 taskId => Book) public books;
    mapping(PlainToken money => uint256) private _donated;
    mapping(PlainToken money => mapping(address account => uint256)) private _wallet;
    mapping(uint64 taskId => mapping(address account => ITasks.Role)) private _role;
    mapping(address account => uint256) private _active;
    mapping(address account => bool) private _isHeld;
    /// How often each verb succeeded and each error came, by selector.
    mapping(bytes4 selector => uint256) public seen;
    uint256 private _fees;
    uint256 private _actions;

    constructor(Tasks tasks, StakeRegistry registry, RoundsDouble rounds, PlainToken[2] memory moneys) {
        (_TASKS, _REGISTRY, _ROUNDS, _moneys) = (tasks, registry, rounds, moneys);
        for (uint256 i = 0; i < ACTORS; ++i) {
            address actor = address(uint160(0xac1000 + i));
            actors.push(actor);
            for (uint256 j = 0; j < 2; ++j) {
                moneys[j].mint(actor, GRANT);
                _wallet[moneys[j]][actor] = GRANT;
                vm.prank(actor);
                moneys[j].approve(address(tasks), type(uint256).max);
            }
        }
    }

    /// @notice Three tasks; the first two pay in the same token.
    function create(ITasks.TaskParams memory params) public {
        for (uint64 taskId = 1; taskId <= TASKS; ++taskId) {
            PlainToken money = _moneys[taskId / 3];
            params.rewardToken = address(money);
            vm.prank(actors[taskId]);
            assertEq(_TASKS.createTask(params), taskId);
            books[taskId].cost = _TASKS.largestRoundCost(taskId);
            books[taskId].owner = actors[taskId];
            books[taskId].money = money;
        }
    }

    /// @notice Tells the model what an actor has staked.
    function staked(address account, uint256 amount) external {
        _active[account] = amount;
    }

    // ---- Money

    function fund(uint256 who, uint256 task, uint256 amount) external {
        (address account, uint64 taskId, Book storage book) = _pick(who, task);
        uint256 wallet = _wallet[book.money][account];
        if (amount % 4 != 0) amount = bound(amount, 0, amount % 2 == 0 ? 2 * book.cost : wallet + 1);
        else if (book.open < book.cost) amount = book.cost - book.open - (amount % 8 == 0 ? 1 : 0);
        else amount = 1;
        bytes memory refusal;
        if (book.closed) refusal = abi.encodeWithSelector(ITasks.Tasks_Closed.selector, taskId);
        else if (amount == 0) refusal = abi.encodeWithSelector(ITasks.Tasks_ZeroAmount.selector);
        else if (amount > wallet) {
            refusal = abi.encodeWithSignature(
                "ERC20InsufficientBalance(address,uint256,uint256)",
                account,
                wallet,
                amount
            );
        }

        if (!_does(address(_TASKS), account, abi.encodeCall(ITasks.fund, (taskId, amount)), refusal)) return;
        _wallet[book.money][account] -= amount;
        book.open += amount;
    }

    function close(uint256 who, uint256 task, uint256 really) external {
        (address account, uint64 taskId, Book storage book) = _pick(who, task);
        // Seldom, because little can be done in a closed task.
        if (really % 16 != 0) return;
        bytes memory refusal;
        if (book.closed) refusal = abi.encodeWithSelector(ITasks.Tasks_Closed.selector, taskId);
        else if (account != book.owner) {
            refusal = abi.encodeWithSelector(ITasks.Tasks_OnlyOwner.selector, taskId, account, book.owner);
        }

        if (!_does(address(_TASKS), account, abi.encodeCall(ITasks.close, (taskId)), refusal)) return;
        book.closed = true;
        _refund(book);
    }

    function refund(uint256 who, uint256 task) external {
        (address account, uint64 taskId, Book storage book) = _pick(who, task);
        bytes memory refusal;
        if (!book.closed) refusal = abi.encodeWithSelector(ITasks.Tasks_NotClosed.selector, taskId);
        else if (book.open == 0) refusal = abi.encodeWithSelector(ITasks.Tasks_NothingToRefund.selector, taskId);

        if (_does(address(_TASKS), account, abi.encodeCall(ITasks.refund, (taskId)), refusal)) _refund(book);
    }

    function donate(uint256 who, uint256 task, uint256 amount) external {
        (address account, , Book storage book) = _pick(who, task);
        amount = bound(amount, 0, _wallet[book.money][account] / 100);
        _wallet[book.money][account] -= amount;
        _donated[book.money] += amount;
        vm.prank(account);
        book.money.transfer(address(_TASKS), amount);
    }

    function _refund(Book storage book) private {
        _wallet[book.money][book.owner] += book.open;
        book.refunded += book.open;
        book.open = 0;
    }

    // ---- Rounds

    function reserveRound(uint256 who, uint256 task, uint256 caller) external {
        (address account, uint64 taskId, Book storage book) = _pick(who, task);
        if (caller % 16 == 0) return _refusesStranger(account, abi.encodeCall(ITasks.reserveRound, (taskId)));
        if (book.held != 0) return;
        bytes memory refusal;
        if (book.closed) refusal = abi.encodeWithSelector(ITasks.Tasks_Closed.selector, taskId);
        else if (book.open < book.cost) {
            refusal = abi.encodeWithSelector(ITasks.Tasks_FundsTooLow.selector, taskId, book.cost, book.open);
        }

        bytes memory call = abi.encodeCall(RoundsDouble.reserveRound, (taskId));
        if (!_does(address(_ROUNDS), account, call, refusal)) return;
        book.open -= book.cost;
        book.held = book.cost;
    }

    /// @dev The round ends with `earned` wei more credited and `cancelled` wei of held pay cancelled.
    function closeRound(uint256 who, uint256 task, uint256 earned, uint256 cancelled, uint256 caller) external {
        (address account, uint64 taskId, Book storage book) = _pick(who, task);
        if (caller % 16 == 0) {
            return _refusesStranger(account, abi.encodeCall(ITasks.closeRound, (taskId, book.held, 0)));
        }
        earned = bound(earned, 0, book.held + 1);
        cancelled = earned > book.held ? 0 : bound(cancelled, 0, book.owed);
        uint256 before = book.owed + book.paid;
        uint256 liability = before + earned - cancelled;
        bytes memory refusal;
        if (earned > book.held) {
            refusal = abi.encodeWithSelector(
                ITasks.Tasks_OutOfBounds.selector,
                "liability",
                liability,
                book.paid,
                before + book.held
            );
        }

        bytes memory call = abi.encodeCall(RoundsDouble.closeRound, (taskId, book.held, liability));
        if (!_does(address(_ROUNDS), account, call, refusal)) return;
        book.open += book.held - earned + cancelled;
        book.held = 0;
        book.owed = book.owed + earned - cancelled;
    }

    function payOut(uint256 who, uint256 task, uint256 amount, uint256 caller) external {
        (address account, uint64 taskId, Book storage book) = _pick(who, task);
        if (caller % 16 == 0) {
            return _refusesStranger(account, abi.encodeCall(ITasks.payOut, (taskId, account, 1)));
        }
        // Rounds never pays more than is owed. One wei more than what is reserved is refused.
        uint256 reserved = book.held + book.owed;
        amount = caller % 16 == 1 ? reserved + 1 : bound(amount, 0, book.owed);
        bytes memory refusal;
        if (amount > reserved) {
            refusal = abi.encodeWithSelector(ITasks.Tasks_FundsTooLow.selector, taskId, amount, reserved);
        }

        bytes memory call = abi.encodeCall(RoundsDouble.payOut, (taskId, account, amount));
        if (!_does(address(_ROUNDS), account, call, refusal)) return;
        book.owed -= amount;
        book.paid += amount;
        _wallet[book.money][account] += amount;
    }

    // ---- People

    function enrol(uint256 who, uint256 task, uint32 dataUnits) external {
        (address account, uint64 taskId, Book storage book) = _pick(who, task);
        bytes memory refusal = _whyNotIn(account, taskId, book.closed);
        // Half of the draws lie within the bound, and one just past it.
        if (dataUnits % 2 == 0) dataUnits %= (1 << 24) + 2;
        if (refusal.length == 0 && (dataUnits == 0 || dataUnits > 1 << 24)) {
            refusal = abi.encodeWithSelector(ITasks.Tasks_OutOfBounds.selector, "dataUnits", dataUnits, 1, 1 << 24);
        } else if (refusal.length == 0) refusal = _whyNoStake(account, 101e18);

        bytes memory call = abi.encodeCall(ITasks.enrol, (taskId, keccak256("root"), dataUnits));
        if (!_does(address(_TASKS), account, call, refusal)) return;
        _role[taskId][account] = ITasks.Role.Contributor;
        _active[account] -= 1e18;
        _fees += 1e18;
    }

    function join(uint256 who, uint256 task, uint256 amount) external {
        (address account, uint64 taskId, Book storage book) = _pick(who, task);
        // Every validator reserves the minimum, or a wei less.
        amount = 200e18 - (amount % 8 == 0 ? 1 : 0);
        bytes memory refusal = _whyNotIn(account, taskId, book.closed);
        if (refusal.length == 0 && amount < 200e18) {
            refusal = abi.encodeWithSelector(ITasks.Tasks_StakeTooLow.selector, amount, 200e18);
        } else if (refusal.length == 0) refusal = _whyNoStake(account, amount);

        bytes memory call = abi.encodeCall(ITasks.joinValidators, (taskId, amount, new bytes(32)));
        if (_does(address(_TASKS), account, call, refusal)) _role[taskId][account] = ITasks.Role.Validator;
    }

    function leaveTask(uint256 who, uint256 task) external {
        (address account, uint64 taskId, ) = _pick(who, task);
        bytes memory refusal = _whyNotOut(account, taskId, ITasks.Role.Contributor);

        bytes memory call = abi.encodeCall(ITasks.leaveTask, (taskId, 0));
        if (_does(address(_TASKS), account, call, refusal)) delete _role[taskId][account];
    }

    function releaseValidator(uint256 who, uint256 task, uint256 caller) external {
        (address account, uint64 taskId, ) = _pick(who, task);
        bytes memory refusal = _whyNotOut(account, taskId, ITasks.Role.Validator);

        bytes memory call = abi.encodeCall(ITasks.releaseValidator, (taskId, account));
        if (_does(address(_TASKS), actors[caller % ACTORS], call, refusal)) delete _role[taskId][account];
    }

    function hold(uint256 who, bool held) external {
        address account = actors[who % ACTORS];
        _isHeld[account] = held;
        _ROUNDS.hold(account, held);
    }

    function _whyNotIn(address account, uint64 taskId, bool closed) private view returns (bytes memory refusal) {
        ITasks.Role role = _role[taskId][account];
        if (closed) return abi.encodeWithSelector(ITasks.Tasks_Closed.selector, taskId);
        if (role != ITasks.Role.None) {
            return abi.encodeWithSelector(ITasks.Tasks_HasRole.selector, taskId, account, role);
        }
    }

    function _whyNotOut(
        address account,
        uint64 taskId,
        ITasks.Role needed
    ) private view returns (bytes memory refusal) {
        if (_role[taskId][account] != needed) {
            return abi.encodeWithSelector(ITasks.Tasks_LacksRole.selector, taskId, account, needed);
        }
        if (_isHeld[account]) {
            return abi.encodeWithSelector(RoundsDouble.RoundsDouble_NotYet.selector, taskId, account);
        }
    }

    function _whyNoStake(address account, uint256 needed) private view returns (bytes memory refusal) {
        uint256 free = _active[account] - reservedOf(account);
        if (needed > free) {
            return abi.encodeWithSelector(IStakeRegistry.StakeRegistry_FreeStakeTooLow.selector, needed, free);
        }
    }

    // ---- Comparing

    /// @notice Books of each task, balance of each token: funded = paid + refunded + remaining, to the wei.
    function checkMoney() external view {
        uint256[2] memory remaining;
        for (uint64 taskId = 1; taskId <= TASKS; ++taskId) {
            Book storage book = books[taskId];
            ITasks.Funds memory funds = _TASKS.fundsOf(taskId);
            assertEq(funds.available, book.open, "available");
            assertEq(funds.reserved, book.held + book.owed, "reserved");
            assertEq(funds.refunded, book.refunded, "refunded");
            assertEq(funds.funded, book.paid + book.refunded + book.open + book.held + book.owed, "funded");
            remaining[taskId / 3] += book.open + book.held + book.owed;
        }
        for (uint256 i = 0; i < 2; ++i) {
            PlainToken money = _moneys[i];
            assertEq(_TASKS.bookedOf(address(money)), remaining[i], "booked");
            assertEq(money.balanceOf(address(_TASKS)), remaining[i] + _donated[money], "balance");
        }
    }

    /// @notice Role, reservations and balance of one actor in turn.
    function checkPeople() external view {
        checkPerson(actors[_actions % ACTORS]);
    }

    function checkPerson(address account) public view {
        for (uint64 taskId = 1; taskId <= TASKS; ++taskId) {
            assertEq(uint256(_TASKS.roleOf(taskId, account)), uint256(_role[taskId][account]), "role");
        }
        IStakeRegistry.Position memory position = _REGISTRY.positionOf(account);
        assertEq(position.active, _active[account], "active");
        assertEq(position.reserved, reservedOf(account), "reserved stake");
        assertEq(_REGISTRY.slashedPot(), _fees, "fees");
        for (uint256 i = 0; i < 2; ++i) {
            assertEq(_moneys[i].balanceOf(account), _wallet[_moneys[i]][account], "wallet");
        }
    }

    /// @notice What the roles of an actor reserve of its stake.
    function reservedOf(address account) public view returns (uint256 sum) {
        for (uint64 taskId = 1; taskId <= TASKS; ++taskId) {
            if (_role[taskId][account] == ITasks.Role.Contributor) sum += 100e18;
            if (_role[taskId][account] == ITasks.Role.Validator) sum += 200e18;
        }
    }

    // ---- Helpers

    /// @dev Calls as `sender`. True if the call succeeded as predicted. Fails the test if the model predicted something
    /// else.
    function _does(address target, address sender, bytes memory call, bytes memory refusal) private returns (bool) {
        ++_actions;
        vm.prank(sender);
        // solhint-disable-next-line avoid-low-level-calls
        (bool done, bytes memory answer) = target.call(call);
        if (!done) assertEq(answer, refusal);
        assertEq(done, refusal.length == 0, "the model predicts otherwise");
        ++seen[bytes4(done ? call : answer)];
        return done;
    }

    function _refusesStranger(address stranger, bytes memory call) private {
        bytes memory refusal = abi.encodeWithSelector(ITasks.Tasks_OnlyRounds.selector, stranger, address(_ROUNDS));
        _does(address(_TASKS), stranger, call, refusal);
    }

    function _pick(uint256 who, uint256 task) private view returns (address account, uint64 taskId, Book storage book) {
        account = actors[who % ACTORS];
        taskId = 1 + uint64(task % TASKS);
        book = books[taskId];
    }
}

/// Eight people, three tasks, two tokens, and rounds in any order.
contract TasksInvariantsTest is Chain {
    TasksHandler private handler;

    function setUp() public override {
        super.setUp();
        PlainToken[2] memory moneys = [new PlainToken(), new PlainToken()];
        handler = new TasksHandler(tasks, registry, rounds, moneys);
        handler.create(taskParams(address(moneys[0])));
        for (uint256 i = 0; i < handler.ACTORS(); ++i) {
            address actor = handler.actors(i);
            // The poorest can't enrol, the richest can take part in all three tasks.
            uint256 amount = 100e18 + i * 75e18;
            assay.transfer(actor, amount);
            vm.startPrank(actor);
            assay.approve(address(registry), amount);
            registry.stake(amount);
            vm.stopPrank();
            handler.staked(actor, amount);
        }
        targetContract(address(handler));
        bytes4[] memory selectors = new bytes4[](12);
        selectors[0] = TasksHandler.fund.selector;
        selectors[1] = TasksHandler.close.selector;
        selectors[2] = TasksHandler.refund.selector;
        selectors[3] = TasksHandler.donate.selector;
        selectors[4] = TasksHandler.reserveRound.selector;
        selectors[5] = TasksHandler.closeRound.selector;
        selectors[6] = TasksHandler.payOut.selector;
        selectors[7] = TasksHandler.enrol.selector;
        selectors[8] = TasksHandler.join.selector;
        selectors[9] = TasksHandler.leaveTask.selector;
        selectors[10] = TasksHandler.releaseValidator.selector;
        selectors[11] = TasksHandler.hold.selector;
        targetSelector(FuzzSelector({addr: address(handler), selectors: selectors}));
    }

    /// funded = paid + refunded + remaining, for every task; the balance covers the books, for every token.
    function invariant_EveryWeiOfEveryTaskIsAccountedFor() public view {
        handler.checkMoney();
    }

    /// One address, one role; what the roles reserve is what the registry has reserved.
    function invariant_RolesAndReservationsAreThoseOfTheModel() public view {
        handler.checkPeople();
    }

    /// After each run: all actors, not only the one whose turn it is.
    function afterInvariant() public view {
        handler.checkMoney();
        for (uint256 i = 0; i < handler.ACTORS(); ++i) handler.checkPerson(handler.actors(i));
    }

    /// Random play is worth as much as it reaches: a few runs reach every verb and every error.
    function test_RandomPlayReachesEveryVerbAndEveryRefusal() public {
        for (uint256 i = 0; i < 600; ++i) play(uint256(keccak256(abi.encode("a play", i))));
        bytes4[18] memory selectors = [
            ITasks.fund.selector,
            ITasks.close.selector,
            ITasks.refund.selector,
            ITasks.reserveRound.selector,
            ITasks.closeRound.selector,
            ITasks.payOut.selector,
            ITasks.enrol.selector,
            ITasks.joinValidators.selector,
            ITasks.leaveTask.selector,
            ITasks.releaseValidator.selector,
            ITasks.Tasks_FundsTooLow.selector,
            ITasks.Tasks_OutOfBounds.selector,
            ITasks.Tasks_OnlyRounds.selector,
            ITasks.Tasks_OnlyOwner.selector,
            ITasks.Tasks_HasRole.selector,
            ITasks.Tasks_LacksRole.selector,
            ITasks.Tasks_StakeTooLow.selector,
            ITasks.Tasks_Closed.selector
        ];
        for (uint256 i = 0; i < selectors.length; ++i) {
            assertGt(handler.seen(selectors[i]), 0, vm.toString(bytes32(selectors[i])));
        }
        afterInvariant();
    }

    function play(uint256 luck) private {
        (uint256 who, uint256 task, uint256 caller) = (luck >> 8, luck >> 16, luck >> 128);
        uint256 amount = luck >> 160;
        uint256 kind = luck % 12;
        if (kind == 0) handler.fund(who, task, amount);
        if (kind == 1) handler.close(who, task, amount);
        if (kind == 2) handler.refund(who, task);
        if (kind == 3) handler.donate(who, task, amount);
        if (kind == 4) handler.reserveRound(who, task, caller);
        if (kind == 5) handler.closeRound(who, task, amount, luck >> 64, caller);
        if (kind == 6) handler.payOut(who, task, amount, caller);
        if (kind == 7) handler.enrol(who, task, uint32(amount % 8));
        if (kind == 8) handler.join(who, task, amount);
        if (kind == 9) handler.leaveTask(who, task);
        if (kind == 10) handler.releaseValidator(who, task, caller);
        if (kind == 11) handler.hold(who, amount % 4 == 0);
    }
}
