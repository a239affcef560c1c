// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";
import {Votes} from "@openzeppelin/contracts/governance/utils/Votes.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";
import {AssayToken} from "../../contracts/AssayToken.sol";
import {Test} from "./fixtures/Test.sol";
import {newAssayToken} from "./fixtures/Shipped.sol";
import {vm} from "./fixtures/Vm.sol";

/// What ASSAY refuses, with the values it says, and what it tells of allowances and delegates. The errors that it inherits and can't
/// reach are listed in docs/guarantees.md.
contract AssayTokenRefusalsTest is Test {
    bytes32 private constant PERMIT_TYPE = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    bytes32 private constant DELEGATION_TYPE = keccak256("Delegation(address delegatee,uint256 nonce,uint256 expiry)");
    uint256 private constant CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
    uint256 private constant NOW = 1_800_000_000;

    AssayToken private token;
    address private holder = accountOf("holder");
    address private alice = accountOf("alice");

    struct Signature {
        uint8 v;
        bytes32 r;
        bytes32 s;
    }

    function setUp() public {
        vm.warp(NOW);
        token = newAssayToken(holder);
    }

    // ---- Moving

    function test_RevertWhen_MoreIsSpentThanWasAllowed() public {
        vm.prank(holder);
        vm.expectEmit(address(token));
        emit IERC20.Approval(holder, alice, 5);
        token.approve(alice, 5);

        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, alice, 5, 6));
        vm.prank(alice);
        token.transferFrom(holder, alice, 6);
    }

    function test_RevertWhen_TheOtherSideIsNobody() public {
        vm.startPrank(holder);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        token.transfer(address(0), 1);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidSpender.selector, address(0)));
        token.approve(address(0), 1);
        vm.stopPrank();
    }

    function test_RevertWhen_TheCallerIsNobody() public {
        vm.startPrank(address(0));
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidSender.selector, address(0)));
        token.transfer(alice, 0);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidApprover.selector, address(0)));
        token.approve(alice, 1);
        vm.stopPrank();
    }

    // ---- Permits

    function test_RevertWhen_ThePermitIsOver() public {
        Signature memory signature = permitBy("holder", 7, NOW - 1);

        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, NOW - 1));
        permit(holder, 7, NOW - 1, signature);
    }

    function test_RevertWhen_ThePermitIsSomebodyElses() public {
        Signature memory signature = permitOf("alice", holder, 7, NOW);

        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612InvalidSigner.selector, alice, holder));
        permit(holder, 7, NOW, signature);
    }

    /// A permit that was used says another number than the one that counts now, so it recovers to a stranger.
    function test_RevertWhen_ThePermitWasUsed() public {
        Signature memory signature = permitBy("holder", 7, NOW);
        permit(holder, 7, NOW, signature);
        address stranger = ecrecover(permitDigest(holder, 7, 1, NOW), signature.v, signature.r, signature.s);

        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612InvalidSigner.selector, stranger, holder));
        permit(holder, 7, NOW, signature);
    }

    function test_Attack35_RevertWhen_ThePermitIsForAnotherChain() public {
        Signature memory signature = permitBy("holder", 7, NOW);
        vm.chainId(31_338);
        address stranger = ecrecover(permitDigest(holder, 7, 0, NOW), signature.v, signature.r, signature.s);

        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612InvalidSigner.selector, stranger, holder));
        permit(holder, 7, NOW, signature);
        assertEq(token.allowance(holder, alice), 0);
    }

    function test_RevertWhen_TheSignatureIsNone() public {
        Signature memory signature = permitBy("holder", 7, NOW);
        signature.v = 29;

        vm.expectRevert(ECDSA.ECDSAInvalidSignature.selector);
        permit(holder, 7, NOW, signature);
    }

    function test_RevertWhen_TheSignatureIsMirrored() public {
        Signature memory signature = permitBy("holder", 7, NOW);
        signature.s = bytes32(CURVE_ORDER - uint256(signature.s));
        signature.v = signature.v == 27 ? 28 : 27;

        vm.expectRevert(abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, signature.s));
        permit(holder, 7, NOW, signature);
    }

    // ---- Votes

    function test_DelegatingTellsFromWhomToWhom() public {
        vm.startPrank(holder);
        token.delegate(alice);
        vm.expectEmit(address(token));
        emit IVotes.DelegateChanged(holder, alice, holder);
        token.delegate(holder);
        vm.stopPrank();

        assertEq(token.delegates(holder), holder);
    }

    function test_RevertWhen_TheDelegationIsOver() public {
        Signature memory signature = delegationBy("holder", 0, NOW - 1);

        vm.expectRevert(abi.encodeWithSelector(IVotes.VotesExpiredSignature.selector, NOW - 1));
        token.delegateBySig(alice, 0, NOW - 1, signature.v, signature.r, signature.s);
    }

    function test_Attack35_RevertWhen_ADelegationIsUsedAgain() public {
        Signature memory signature = delegationBy("holder", 0, NOW);
        token.delegateBySig(alice, 0, NOW, signature.v, signature.r, signature.s);
        assertEq(token.delegates(holder), alice);

        vm.expectRevert(abi.encodeWithSelector(Nonces.InvalidAccountNonce.selector, holder, 1));
        token.delegateBySig(alice, 0, NOW, signature.v, signature.r, signature.s);
    }

    function test_RevertWhen_VotesOfTheFutureAreAsked() public {
        vm.expectRevert(abi.encodeWithSelector(Votes.ERC5805FutureLookup.selector, NOW, uint48(NOW)));
        token.getPastVotes(holder, NOW);
    }

    // ---- Helpers

    function permitBy(
        string memory owner,
        uint256 value,
        uint256 deadline
    ) private returns (Signature memory signature) {
        return permitOf(owner, accountOf(owner), value, deadline);
    }

    /// The first permit of `owner` for alice, signed by anybody.
    function permitOf(
        string memory signer,
        address owner,
        uint256 value,
        uint256 deadline
    ) private view returns (Signature memory signature) {
        (signature.v, signature.r, signature.s) = vm.sign(keyOf(signer), permitDigest(owner, value, 0, deadline));
    }

    function permitDigest(
        address owner,
        uint256 value,
        uint256 nonce,
        uint256 deadline
    ) private view returns (bytes32) {
        return typed(keccak256(abi.encode(PERMIT_TYPE, owner, alice, value, nonce, deadline)));
    }

    function delegationBy(
        string memory signer,
        uint256 nonce,
        uint256 expiry
    ) private view returns (Signature memory signature) {
        bytes32 digest = typed(keccak256(abi.encode(DELEGATION_TYPE, alice, nonce, expiry)));
        (signature.v, signature.r, signature.s) = vm.sign(keyOf(signer), digest);
    }

    function typed(bytes32 content) private view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", token.DOMAIN_SEPARATOR(), content));
    }

    function permit(address owner, uint256 value, uint256 deadline, Signature memory signature) private {
        token.permit(owner, alice, value, deadline, signature.v, signature.r, signature.s);
    }
}
