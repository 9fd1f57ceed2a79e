using System.IO.Compression;
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

    public static IHostEnvironment GetEnvironment(DataOperationsCatalog catalog) => CatalogUtils.GetEnvironment(catalog);

    /// <summary>Whether the ML context of a host was given a seed.</summary>
    public static bool HasSeed(IHost host) => host is IHostEnvironmentInternal { Seed: not null };

    /// <summary>The GPU that an ML context names, and whether the CPU will do where there is none.</summary>
    public static (int? Index, bool FallsBack) GpuOf(IHostEnvironment environment) =>
        environment is IHostEnvironmentInternal { GpuDeviceId: var index, FallbackToCpu: var fallsBack } ? (index, fallsBack) : (null, true);

    /// <summary>Where a host warns its users.</summary>
    public static Action<string> WarningsOf(IHostEnvironment environment)
    {
        var host = environment as IHost ?? environment.Register(LoaderSignature);
        return message =>
        {
            using var channel = host.Start("Factors");
            channel.Warning(MessageSensitivity.None, message);
        };
    }

    /// <exception cref="OperationCanceledException">The ML context was told to stop what it runs.</exception>
    public static void CheckAlive(IHost host) => Contracts.CheckAlive(host);

    /// <summary>Whether the ML context of a host was told to stop what it runs. It stays so.</summary>
    public static bool IsCancelled(IHost host) => host is ICancelable { IsCanceled: true };

    /// <summary>Loads a model that ML.NET itself saved, into an environment that is there already, with what is registered in it.</summary>
    /// <exception cref="FormatException">Its trees or linear models are damaged so that ML.NET would not end.</exception>
    public static ITransformer LoadModel(IHostEnvironment environment, Stream stream, out DataViewSchema inputSchema)
    {
        SavedPredictors.Check(stream);
        return new ModelOperationsCatalog(environment).Load(stream, out inputSchema);
    }

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

    /// <summary>
    /// Finds what <see cref="Save"/> wrote. Sizes come from the archive's directory, so that nothing is allocated for an entry that is not there. Entries
    /// are unpacked when they are asked for, while the context is open.
    /// </summary>
    /// <exception cref="FormatException">The file is damaged.</exception>
    public static SavedFile Load(ModelLoadContext context, SavedKind kind)
    {
        try
        {
            context.CheckAtModel(VersionOf(kind));
            var count = context.Reader.ReadInt32();
            if (count is < 1 or > LargestCount)
                throw kind.Damaged($"{count} entries");
            var folder = context.Directory is null or "" ? "" : context.Directory.Replace('\\', '/') + "/";
            var archive = context.Repository._archive.Entries.ToLookup(entry => entry.FullName.Replace('\\', '/'), StringComparer.Ordinal);
            Dictionary<string, Func<byte[]>> entries = new(StringComparer.Ordinal);
            for (var i = 0; i < count; i++)
            {
                var name = ReadName(context.Reader, kind);
                var length = context.Reader.ReadInt32();
                var hash = context.Reader.ReadBytes(SHA256.HashSizeInBytes);
                if (archive[folder + name].ToList() is not [var packed])
                    throw kind.Damaged($"entry '{name}' is missing, or there twice");
                if (length is < 0 or > LargestEntry || packed.Length != length)
                    throw kind.Damaged(Invariant($"entry '{name}' has {packed.Length} bytes, but {length} were saved"));
                if (!entries.TryAdd(name, () => Unpack(packed, length, hash) ?? throw kind.Damaged($"entry '{name}' is not what was saved")))
                    throw kind.Damaged($"entry '{name}' is named twice");
            }
            return new(entries);
        }
        catch (Exception cause) when (cause is IOException or DecoderFallbackException or InvalidDataException or ArgumentException)
        {
            throw new FormatException($"The saved {kind.What} are damaged: save the model again.", cause);
        }
    }

    // What the directory says is an upper bound: the archive gives no more bytes.
    private static byte[]? Unpack(ZipArchiveEntry packed, int length, byte[] hash)
    {
        try
        {
            using var stream = packed.Open();
            var content = new byte[length];
            stream.ReadExactly(content);
            return stream.ReadByte() < 0 && SHA256.HashData(content).AsSpan().SequenceEqual(hash) ? content : null;
        }
        catch (Exception cause) when (cause is IOException or InvalidDataException)
        {
            return null;
        }
    }

    // A string as BinaryWriter writes it, whose length is looked at before there is room for it.
    private static string ReadName(BinaryReader reader, SavedKind kind)
    {
        var bytes = reader.Read7BitEncodedInt();
        if (bytes is < 1 or > LargestName)
            throw kind.Damaged(Invariant($"a name of {bytes} bytes"));
        var name = Encoding.UTF8.GetString(reader.ReadBytes(bytes));
        return name.Any(char.IsControl) ? throw kind.Damaged("a name with control characters") : name;
    }

    private static VersionInfo VersionOf(SavedKind kind) =>
        new(kind.Signature, kind.Version, kind.OldestReadable, kind.OldestReadable, kind.Assembly.GetName().Name, kind.Loader);
}
