using TorchSharp.Modules;

namespace Unlearn.Transforms.Torch.Training;

/// <summary>Layers that normalize by the mean and variance of a batch while they train: a single row has no variance.</summary>
internal static class BatchStatistics
{
    /// <summary>Refuses to train on a batch of a single row where a layer would make NaN of it.</summary>
    /// <param name="target">What is to be trained.</param>
    /// <param name="batchSize">Rows that a batch may have.</param>
    /// <exception cref="ArgumentException">The module has batch normalization.</exception>
    public static void RefuseLoneRow(TorchTarget target, int batchSize)
    {
        if (target.Module.named_modules().FirstOrDefault(child => child.module is BatchNorm) is not { module: not null } layer)
            return;
        var cause = batchSize == 1
            ? $"{nameof(TorchRecipe.BatchSize)} is 1: set it to at least 2"
            : "there is a single row to train on: give it at least 2, for example by fewer shards or slices of SISA";
        throw new ArgumentException($"Layer '{layer.name}' of architecture '{target.Architecture.Name}' normalizes by the mean and variance of a batch, "
            + $"but {cause}, or use group or layer normalization.");
    }
}
