using TorchSharp;

namespace Unlearn.Transforms.Torch.PerSample.Gradients;

/// <summary>
/// How the input a_t of every position t of a layer lies in a few blocks, each rows × (channels · kernel width) × length: a_t is made of one column of a block
/// for each tap, at <see cref="Tap.Offset"/> + t. A linear layer has one tap. The patches of a convolution overlap, and have one tap for each row of
/// the kernel: its blocks are as many times larger than its input as the kernel is wide, where the unfolded input is larger by the kernel's width ×
/// height.
/// </summary>
/// <param name="Channels">Input channels of a group, or features of a linear layer.</param>
/// <param name="KernelWidth">Columns of the kernel.</param>
/// <param name="Lengths">Length of each block.</param>
/// <param name="Taps">The taps, in the order of the kernel's rows.</param>
/// <param name="Positions">Number of positions.</param>
internal sealed record PatchLayout(long Channels, long KernelWidth, IReadOnlyList<long> Lengths, IReadOnlyList<PatchLayout.Tap> Taps, long Positions)
{
    /// <summary>Where a tap finds its columns.</summary>
    /// <param name="Block">Number of the block.</param>
    /// <param name="Offset">Column of position 0.</param>
    internal readonly record struct Tap(int Block, long Offset);

    /// <summary>Values that one tap adds to a_t.</summary>
    public long TapWidth => Channels * KernelWidth;

    /// <summary>in: values of a_t.</summary>
    public long Width => TapWidth * Taps.Count;

    /// <summary>Values of all blocks of a row.</summary>
    public long BlockValues => TapWidth * Lengths.Sum();

    /// <summary>The columns of a tap: rows × (channels · kernel width) × positions.</summary>
    public torch.Tensor Columns(IReadOnlyList<torch.Tensor> blocks, Tap tap) => blocks[tap.Block].narrow(2, tap.Offset, Positions);

    /// <summary>Number of values that <see cref="AllColumns"/> copies for a row, blocks included.</summary>
    public long ColumnCopies => Taps.Count == 1 && KernelWidth == 1 ? 1 : BlockValues + Width * Positions;

    /// <summary>a_t of all rows and positions: in × (rows · positions).</summary>
    public torch.Tensor AllColumns(IReadOnlyList<torch.Tensor> blocks) => Taps.Count == 1
        ? Columns(blocks, Taps[0]).transpose(0, 1).flatten(1)
        : torch.stack(Taps.Select(tap => Columns(blocks, tap).reshape(-1, Channels, KernelWidth, Positions).permute(1, 2, 0, 3)), 1).reshape(Width, -1);

    /// <summary>
    /// Puts what was computed for each tap, rows × (channels · kernel width) × any, in the order in which the layer's weight has its inputs: rows ×
    /// in × any.
    /// </summary>
    public torch.Tensor Join(IEnumerable<torch.Tensor> taps) => Taps.Count == 1
        ? taps.Single()
        : torch.stack(taps.Select(tap => tap.reshape(tap.shape[0], Channels, KernelWidth, tap.shape[2])), 2).flatten(1, 3);
}
