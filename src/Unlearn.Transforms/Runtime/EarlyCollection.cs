using System.Runtime.InteropServices;

namespace Unlearn.Transforms.Runtime;

/// <summary>
/// Runs work again that fell to a mistake of TorchSharp 0.107: its operators make numbers into objects that optimized code lets go of before the
/// native call has read them. If the collector's finalizer frees one just then, libtorch finds no number there and throws.
/// The libraries hold such numbers themselves (<see cref="Numerics.HeldNumbers"/>); TorchSharp's own modules and optimizers, and users' modules, do not.
/// </summary>
internal static class EarlyCollection
{
    private const int Attempts = 5;

    private static int s_repetitions;

    /// <summary>How often work was run again in this process.</summary>
    public static int Repetitions => Volatile.Read(ref s_repetitions);

    /// <summary>Whether that is what an exception comes from.</summary>
    public static bool Explains(Exception cause) => cause is ExternalException
        && (cause.Message.Contains("c10/core/Scalar.h", StringComparison.Ordinal) || cause.Message.Contains("Unknown scalar type", StringComparison.Ordinal));

    /// <summary>Runs work that ends the same way however often it runs.</summary>
    public static T Retry<T>(Func<T> work)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return work();
            }
            catch (ExternalException cause) when (attempt < Attempts && Explains(cause))
            {
                Interlocked.Increment(ref s_repetitions);
            }
        }
    }
}
