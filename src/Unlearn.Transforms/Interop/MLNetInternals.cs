using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers;

[assembly: System.Runtime.CompilerServices.IgnoresAccessChecksTo("Microsoft.ML.Core")]
[assembly: System.Runtime.CompilerServices.IgnoresAccessChecksTo("Microsoft.ML.Data")]
[assembly: System.Runtime.CompilerServices.IgnoresAccessChecksTo("Microsoft.ML.StandardTrainers")]

namespace Unlearn.Transforms.Interop;

/// <summary>Every use of what ML.NET keeps internal, but for <see cref="FactorSchema"/>: a saved model that loads anywhere needs it.</summary>
internal static class MLNetInternals
{
    public const string LoaderSignature = "UnlearnFactors";

    private const int LargestEntry = 1 << 30;
    private const int LargestName = 200;
    private const int LargestCount = 256;

    /// <summary>Saved hardness factors. Since 1.3 with class names.</summary>
    public static readonly SavedKind Factors = new("hardness factors", "UNLRNFAC", 0x00010003, 0x00010002, LoaderSignature, typeof(MLNetInternals).Assembly);

    public static IHostEnvironment GetEnvironment(TransformsCatalog catalog) => CatalogUtils.GetEnvironment(catalog);

    /// <exception cref="OperationCanceledException">The ML context was told to stop what it runs.</exception>
    public static void CheckAlive(IHost host) => Contracts.CheckAlive(host);

    /// <summary>Loads a model that ML.NET itself saved, into an environment that is there already, with what is registered in it.</summary>
    public static ITransformer LoadModel(IHostEnvironment environment, Stream stream, out DataViewSchema inputSchema) =>
        new ModelOperationsCatalog(environment).Load(stream, out inputSchema);

    /// <summary>The models of a one-versus-all model's classes, in their order.</summary>
    public static IReadOnlyList<object> ModelsOfClasses(OneVersusAllModelParameters model) => model.SubModelParameters;

    /// <summary>
    /// Whether a one-versus-all model scales its classes' probabilities to a sum of 1, or takes the softmax of their scores; <see langword="null"/>
    /// if it makes no probabilities.
    /// </summary>
    public static bool? NormalizesProbabilities(OneVersusAllModelParameters model) => model._impl.OutputFormula switch
    {
        OneVersusAllModelParameters.OutputFormula.ProbabilityNormalization => true,
        OneVersusAllModelParameters.OutputFormula.Softmax => false,
        _ => null,
    };

    /// <summary>Tells all that an ML context runs to stop.</summary>
    public static void Cancel(MLContext context) => context.CancelExecution();

    /// <summary>Saves named entries, each with its size and SHA-256.</summary>
    public static void Save(ModelSaveContext context, SavedKind kind, IReadOnlyList<(string Name, byte[] Content)> entries)
    {
        context.CheckAtModel();
        context.SetVersionInfo(VersionOf(kind));
        context.Writer.Write(entries.Count);
        foreach (var (name, content) in entries)
        {
            context.Writer.Write(name);
            context.Writer.Write(content.Length);
            context.Writer.Write(SHA256.HashData(content));
            context.SaveBinaryStream(name, writer => writer.Write(content));
        }
    }

    /// <summary>Loads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="FormatException">The file is damaged.</exception>
    public static IReadOnlyDictionary<string, byte[]> Load(ModelLoadContext context, SavedKind kind)
    {
        try
        {
            context.CheckAtModel(VersionOf(kind));
            var count = context.Reader.ReadInt32();
            if (count is < 1 or > LargestCount)
                throw kind.Damaged($"{count} entries");
            Dictionary<string, byte[]> entries = new(StringComparer.Ordinal);
            for (var i = 0; i < count; i++)
            {
                var name = context.Reader.ReadString();
                var length = context.Reader.ReadInt32();
                var hash = context.Reader.ReadBytes(SHA256.HashSizeInBytes);
                if (name.Length > LargestName || length is < 0 or > LargestEntry)
                    throw kind.Damaged($"entry {i} has an impossible name or size");
                byte[]? content = null;
                if (!context.TryLoadBinaryStream(name, reader => content = reader.ReadBytes(length)) || content is null)
                    throw kind.Damaged($"entry '{name}' is missing");
                if (content.Length != length || !SHA256.HashData(content).AsSpan().SequenceEqual(hash))
                    throw kind.Damaged($"entry '{name}' is not what was saved");
                entries.Add(name, content);
            }
            return entries;
        }
        catch (Exception cause) when (cause is EndOfStreamException or DecoderFallbackException or InvalidDataException or ArgumentException)
        {
            throw new FormatException($"The saved {kind.What} are damaged: save the model again.", cause);
        }
    }

    private static VersionInfo VersionOf(SavedKind kind) =>
        new(kind.Signature, kind.Version, kind.OldestReadable, kind.OldestReadable, kind.Assembly.GetName().Name, kind.Loader);
}
