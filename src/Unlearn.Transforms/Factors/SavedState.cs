using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors;

/// <summary>The state of a statistic as it came from a file: entries are taken out by name with the type and shape that they must have.</summary>
/// <param name="statistic">Name of the statistic, for errors.</param>
/// <param name="entries">The entries.</param>
internal sealed class SavedState(string statistic, IReadOnlyDictionary<string, torch.Tensor> entries)
{
    /// <summary>Stands for a size that the entry itself says.</summary>
    public const long Any = -1;

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    public bool Has(string name) => entries.ContainsKey(name);

    /// <summary>An entry of finite numbers.</summary>
    /// <param name="name">Name of the entry.</param>
    /// <param name="shape">Its shape; <see cref="Any"/> fits each size from 1.</param>
    public torch.Tensor Numbers(string name, params ReadOnlySpan<long> shape)
    {
        var tensor = Values(name, shape);
        Require(tensor.isfinite().all().item<bool>(), name, "holds NaN or infinite values");
        return tensor;
    }

    /// <summary>An entry of numbers, which may be undefined.</summary>
    public torch.Tensor Values(string name, params ReadOnlySpan<long> shape) => Take(name, torch.ScalarType.Float32, shape);

    /// <summary>An entry of whole numbers.</summary>
    public torch.Tensor Integers(string name, params ReadOnlySpan<long> shape) => Take(name, torch.ScalarType.Int64, shape);

    /// <summary>An entry of whole numbers from 0, below a limit.</summary>
    public torch.Tensor Indices(string name, long limit, params ReadOnlySpan<long> shape)
    {
        var tensor = Integers(name, shape);
        Require(tensor.Ge(0).logical_and(tensor.Lt(limit)).all().item<bool>(), name, Invariant($"holds numbers outside 0 to {limit - 1}"));
        return tensor;
    }

    /// <summary>Keys in ascending order.</summary>
    public torch.Tensor Sorted(string name, params ReadOnlySpan<long> shape)
    {
        var tensor = Integers(name, shape);
        Require(tensor.narrow(0, 1, tensor.shape[0] - 1).ge(tensor.narrow(0, 0, tensor.shape[0] - 1)).all().item<bool>(), name, "is not in order");
        return tensor;
    }

    /// <summary>Refuses what is not so.</summary>
    /// <exception cref="FormatException">It is not so.</exception>
    public void Require(bool isSo, string name, string otherwise)
    {
        if (!isSo)
            throw new FormatException($"The saved hardness factors are damaged: entry '{name}' of statistic '{statistic}' {otherwise}.");
    }

    /// <summary>Refuses entries that nobody has taken.</summary>
    /// <exception cref="FormatException">There is one.</exception>
    public void RequireAllTaken()
    {
        foreach (var name in entries.Keys)
            Require(_taken.Contains(name), name, "belongs to nothing");
    }

    private torch.Tensor Take(string name, torch.ScalarType type, ReadOnlySpan<long> shape)
    {
        _taken.Add(name);
        Require(entries.TryGetValue(name, out var found), name, "is missing");
        var tensor = found!;
        var fits = tensor.dtype == type && tensor.shape.Length == shape.Length;
        for (var i = 0; fits && i < shape.Length; i++)
            fits = shape[i] == Any ? tensor.shape[i] > 0 : tensor.shape[i] == shape[i];
        Require(fits, name, $"is of type {tensor.dtype} and shape [{string.Join(", ", tensor.shape)}], which does not fit the model");
        return tensor;
    }
}
