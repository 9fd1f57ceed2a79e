using System.Text.Json;
using System.Text.Json.Serialization;
using Unlearn.MLNet;

namespace Unlearn.Distributed.Plans;

/// <summary>An unlearner as a worker finds it again: by its name among <see cref="KnownUnlearners"/>, with its options.</summary>
internal sealed record StoredUnlearner
{
    private static readonly JsonSerializerOptions Json = new()
    {
        IgnoreReadOnlyProperties = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public required string Name { get; init; }

    public required string Specification { get; init; }

    /// <summary>Options as the unlearner's properties; <see langword="null"/> if the worker must know it as it is.</summary>
    public JsonElement? Options { get; init; }

    public static StoredUnlearner Of(IUnlearner unlearner) => new()
    {
        Name = unlearner.Name,
        Specification = unlearner.Specification,
        Options = JsonSerializer.SerializeToElement(unlearner, unlearner.GetType(), Json),
    };

    /// <exception cref="DistributedTrialsException">The worker does not know it.</exception>
    public IUnlearner Restore()
    {
        if (KnownUnlearners.All.FirstOrDefault(candidate => string.Equals(candidate.Name, Name, StringComparison.OrdinalIgnoreCase)) is not { } known)
            throw new DistributedTrialsException(
                $"The worker does not know the unlearner '{Name}': let its program call {nameof(KnownUnlearners)}.{nameof(KnownUnlearners.Register)} first.");
        var unlearner = known.Specification == Specification ? known : WithOptions(known);
        return unlearner.Specification == Specification ? unlearner : throw new DistributedTrialsException(
            $"The unlearner {Name} is '{unlearner.Specification}' on the worker, but '{Specification}' in the plan: let the program of the worker register "
            + "it with the same options, and use the same version of Unlearn.MLNet.");
    }

    // The type is that of an unlearner that this process knows, never one that the plan names.
    private IUnlearner WithOptions(IUnlearner known)
    {
        try
        {
            return (Options?.Deserialize(known.GetType(), Json) as IUnlearner) ?? known;
        }
        catch (Exception cause) when (cause is JsonException or NotSupportedException or ArgumentException)
        {
            return known;
        }
    }
}
