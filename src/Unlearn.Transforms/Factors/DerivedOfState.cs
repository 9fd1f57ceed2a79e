using System.Runtime.CompilerServices;
using TorchSharp;

namespace Unlearn.Transforms.Factors;

/// <summary>What is made of a statistic's state when it is first needed, and freed with the state.</summary>
internal static class DerivedOfState
{
    private static readonly ConditionalWeakTable<IReadOnlyDictionary<string, torch.Tensor>, Lazy<IDisposable>> Made = [];

    /// <summary>What was made of the state, by several threads once.</summary>
    public static T Get<T>(IReadOnlyDictionary<string, torch.Tensor> state, Func<T> make)
        where T : IDisposable =>
        (T)Made.GetValue(state, _ => new(() => make())).Value;

    /// <summary>Frees what was made.</summary>
    public static void Free(IReadOnlyDictionary<string, torch.Tensor> state)
    {
        if (!Made.TryGetValue(state, out var made))
            return;
        Made.Remove(state);
        if (made.IsValueCreated)
            made.Value.Dispose();
    }
}
