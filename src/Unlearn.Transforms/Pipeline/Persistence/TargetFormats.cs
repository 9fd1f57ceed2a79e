using System.Collections.Concurrent;
using Unlearn.Transforms.Pipeline.Persistence;

namespace Unlearn.Transforms;

/// <summary>The kinds of targets that can be saved and loaded.</summary>
public static class TargetFormats
{
    private static readonly ITargetFormat[] BuiltIn = [new TorchTargetFormat(), new TreeTargetFormat(), new MLNetTargetFormat()];

    private static readonly ConcurrentDictionary<string, ITargetFormat> Registered = new(BuiltIn.ToDictionary(format => format.Kind), StringComparer.Ordinal);

    /// <summary>
    /// Registers the format of your own targets, so that models with such targets can be saved and loaded. The loading process must register the
    /// format too.
    /// </summary>
    /// <param name="format">The format.</param>
    /// <exception cref="ArgumentException">Another format is of this kind.</exception>
    public static void Register(ITargetFormat format)
    {
        ArgumentNullException.ThrowIfNull(format);
        if (!ReferenceEquals(Registered.GetOrAdd(format.Kind, format), format))
            throw new ArgumentException($"Another format of targets is of kind '{format.Kind}' already.", nameof(format));
    }

    /// <summary>Finds a format by its kind.</summary>
    /// <param name="kind">Name of the kind, for example <c>torch</c>.</param>
    /// <exception cref="InvalidOperationException">No format is of this kind.</exception>
    public static ITargetFormat Find(string kind) => Registered.TryGetValue(kind, out var format)
        ? format
        : throw new InvalidOperationException(
            $"The model was saved with a target of kind '{kind}', which this process does not know: call {nameof(TargetFormats)}.{nameof(Register)} with its "
            + $"format before loading it. Known are {string.Join(", ", Registered.Keys.Order(StringComparer.Ordinal))}.");

    /// <summary>Finds the format that saves a target.</summary>
    /// <param name="target">The target.</param>
    /// <exception cref="NotSupportedException">No format handles it.</exception>
    public static ITargetFormat FindFor(ITarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Registered.Values.FirstOrDefault(format => format.CanSave(target))
            ?? throw new NotSupportedException($"No format is known that saves a {target.GetType().Name}: "
                + $"register one with {nameof(TargetFormats)}.{nameof(Register)}, or save the factor columns in place of the model.");
    }
}
