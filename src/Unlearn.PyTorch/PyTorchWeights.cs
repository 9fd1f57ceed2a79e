using System.Collections;
using System.Globalization;
using TorchSharp;
using TorchSharp.PyBridge;
using Unlearn.Transforms;

namespace Unlearn.PyTorch;

/// <summary>Weights that PyTorch saved, as targets: state dicts of <c>torch.save</c> (<c>.pth</c>, <c>.pt</c>) and <c>.safetensors</c>.</summary>
public static class PyTorchWeights
{
    /// <summary>How weights become those of an architecture.</summary>
    public sealed record Options
    {
        /// <summary>
        /// The name in the architecture of a name in the file; <see langword="null"/> leaves the tensor out. Default: the name itself, without the prefix
        /// <c>module.</c> that <c>DataParallel</c> adds.
        /// </summary>
        public Func<string, string?>? Rename { get; init; }

        /// <summary>Entry of a checkpoint that holds the state dict, such as <c>state_dict</c>. Default: the file is the state dict.</summary>
        public string? Key { get; init; }

        /// <summary>Where to compute. Default <see cref="TorchDevice.Auto"/>.</summary>
        public TorchDevice Device { get; init; }

        /// <summary>Names of the classes, in the order of the outputs; see <see cref="ITarget.ClassNames"/>. Default: unknown.</summary>
        public IReadOnlyList<string>? ClassNames { get; init; }
    }

    private const string ParallelPrefix = "module.";
    private const string SafeTensors = ".safetensors";

    /// <summary>Makes a target of weights.</summary>
    /// <remarks>
    /// Floating-point tensors of other precisions become those of the architecture. A <c>.pth</c> file is a pickle: only tensors are made of it, no code
    /// in it runs. Its tensors must be contiguous.
    /// </remarks>
    /// <param name="architecture">The architecture that the weights are of.</param>
    /// <param name="path">Path of the file. A <c>.safetensors</c> file is told by its ending.</param>
    /// <param name="options">How the weights become those of the architecture.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or holds something else than tensors by name: the message says what.</exception>
    /// <exception cref="ArgumentException">
    /// Names, shapes or kinds of numbers are not those of the architecture, two names become the same, or a weight is not finite.
    /// </exception>
    public static TorchTarget LoadTarget(TorchArchitecture architecture, string path, Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new();
        if (!File.Exists(path))
            throw new FileNotFoundException(
                $"There are no weights at '{Path.GetFullPath(path)}': save them with torch.save(model.state_dict(), path), or as .safetensors.", path);
        using var scope = torch.NewDisposeScope();
        Dictionary<string, torch.Tensor> state = new(StringComparer.Ordinal);
        foreach (var (name, tensor) in Read(path, options.Key))
        {
            var renamed = options.Rename is { } rename ? rename(name) : WithoutPrefix(name);
            if (renamed is not null && !state.TryAdd(renamed, tensor))
                throw new ArgumentException($"Two tensors of '{path}' become '{renamed}', '{name}' among them: {nameof(Options.Rename)} must tell them apart.");
        }
        return TorchTarget.FromStateDict(architecture, state, options.Device, options.ClassNames);
    }

    private static string WithoutPrefix(string name) => name.StartsWith(ParallelPrefix, StringComparison.Ordinal) ? name[ParallelPrefix.Length..] : name;

    private static IEnumerable<(string Name, torch.Tensor Tensor)> Read(string path, string? key)
    {
        IDictionary all;
        try
        {
            all = Path.GetExtension(path).Equals(SafeTensors, StringComparison.OrdinalIgnoreCase)
                ? Safetensors.LoadStateDict(path)
                : PyTorchUnpickler.UnpickleStateDict(path);
        }
        catch (Exception cause) when (cause is not (UnauthorizedAccessException or OutOfMemoryException))
        {
            throw new InvalidDataException($"'{path}' holds no weights that can be read: save them with torch.save(model.state_dict(), path) of PyTorch 1.6 or "
                + $"later, each tensor contiguous, or as .safetensors. {cause.Message.Split('\n')[0]}", cause);
        }
        if (key is not null)
            all = all[key] as IDictionary ?? throw new InvalidDataException($"'{path}' has no dictionary '{key}', but {Names(all)}.");
        if (all.Values.OfType<IDictionary>().Any())
            throw new InvalidDataException(
                $"'{path}' is a checkpoint with the entries {Names(all)}: set {nameof(Options)}.{nameof(Options.Key)} to that of the state dict.");
        foreach (DictionaryEntry entry in all)
        {
            var name = Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!;
            yield return entry.Value switch
            {
                torch.Tensor tensor => (name, tensor),
                _ => throw new InvalidDataException($"'{name}' in '{path}' is no tensor: save the state dict alone, by torch.save(model.state_dict(), path)."),
            };
        }
    }

    private static string Names(IDictionary entries) =>
        string.Join(", ", entries.Keys.Cast<object>().Select(key => $"'{key}'").Order(StringComparer.Ordinal).Take(10));
}
