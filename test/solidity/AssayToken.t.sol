// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {AssayToken} from "../../contracts/AssayToken.sol";
import {Test} from "./fixtures/Test.sol";
import {newAssayToken} from "./fixtures/Shipped.sol";
import {vm} from "./fixtures/Vm.sol";

contract AssayTokenTest is Test {
    bytes32 private constant PERMIT_TYPE = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    AssayToken private token;
    address private holder = accountOf("holder");
    address private alice = accountOf("alice");
    address private bob = accountOf("bob");

    function setUp() public {
        vm.warp(1_800_000_000);
        token = newAssayToken(holder);
    }

    function test_MintsTheWholeSupplyOnceToItsHolder() public {
        vm.expectEmit();
        emit IERC20.Transfer(address(0), holder, 1_000_000_000e18);
        AssayToken other = newAssayToken(holder);

        assertEq(other.totalSupply(), 1_000_000_000e18);
        assertEq(other.MAX_SUPPLY(), 1_000_000_000e18);
        assertEq(other.balanceOf(holder), 1_000_000_000e18);
        assertEq(other.name(), "Assay");
        assertEq(other.symbol(), "ASSAY");
        assertEq(other.decimals(), 18);
    }

    function test_RevertWhen_TheHolderIsNobody() public {
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        newAssayToken(address(0));
    }

    function test_BurnTakesOnlyTheCallersOwn() public {
        vm.prank(holder);
        vm.expectEmit(address(token));
        emit IERC20.Transfer(holder, address(0), 5e18);
        token.burn(5e18);

        assertEq(token.totalSupply(), 1_000_000_000e18 - 5e18);

        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, alice, 0, 1));
        vm.prank(alice);
        token.burn(1);
    }

    function test_CountsVotesByTime() public {
        assertEq(token.clock(), block.timestamp);
        assertEq(token.CLOCK_MODE(), "mode=timestamp");

        vm.prank(holder);
        token.delegate(alice);
        skip(1);
        assertEq(token.getPastVotes(alice, block.timestamp - 1), 1_000_000_000e18);
        assertEq(token.getPastVotes(alice, block.timestamp - 2), 0);
    }

    function test_PermitApproves() public {
        uint256 deadline = block.timestamp;
        (uint8 v, bytes32 r, bytes32 s) = signPermit("holder", alice, 7, 0, deadline);

        token.permit(holder, alice, 7, deadline, v, r, s);

        assertEq(token.allowance(holder, alice), 7);
        assertEq(token.nonces(holder), 1);
    }

    function test_Attack46_VotesCountOnceThroughAnyChainOfDelegates() public {
        vm.startPrank(holder);
        token.transfer(alice, 10e18);
        token.transfer(bob, 20e18);
        token.delegate(alice);
        vm.stopPrank();
        vm.prank(alice);
        token.delegate(bob);
        vm.prank(bob);
        token.delegate(alice);

        // What others delegate to alice stays with alice: it isn't passed on.
        assertEq(token.getVotes(alice), 1_000_000_000e18 - 30e18 + 20e18);
        assertEq(token.getVotes(bob), 10e18);
        assertEq(token.getVotes(alice) + token.getVotes(bob), token.totalSupply());

        vm.expectEmit(address(token));
        emit IVotes.DelegateVotesChanged(bob, 10e18, 6e18);
        vm.prank(alice);
        token.transfer(accountOf("nobody's delegator"), 4e18);
    }

    function testFuzz_TransfersKeepTheSum(uint256 amount, uint256 burnt) public {
        amount = bound(amount, 0, token.totalSupply());
        vm.prank(holder);
        token.transfer(alice, amount);
        burnt = bound(burnt, 0, amount);
        vm.prank(alice);
        token.burn(burnt);

        assertEq(token.balanceOf(alice), amount - burnt);
        assertEq(token.balanceOf(holder) + token.balanceOf(alice), token.totalSupply());
        assertEq(token.totalSupply(), token.MAX_SUPPLY() - burnt);
    }

    function signPermit(
        string memory owner,
        address spender,
        uint256 value,
        uint256 nonce,
        uint256 deadline
    ) private returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 permit = keccak256(abi.encode(PERMIT_TYPE, accountOf(owner), spender, value, nonce, deadline));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), permit));
        return vm.sign(keyOf(owner), digest);
    }
}
