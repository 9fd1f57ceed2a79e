using TorchSharp;

namespace Unlearn.MLNet.Unlearners.Steps;

/// <summary>One pass of an unlearner over rows.</summary>
/// <param name="Rows">The rows, in batches.</param>
/// <param name="Loss">What a step minimizes: a scalar with a gradient graph.</param>
internal sealed record Pass(RowBatches Rows, Func<RowBatch, torch.Tensor> Loss)
{
    /// <summary>Repeats the pass.</summary>
    public IEnumerable<Pass> Times(int count) => Enumerable.Repeat(this, count);
}
