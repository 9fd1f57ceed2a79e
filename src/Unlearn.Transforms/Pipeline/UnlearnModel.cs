using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.ML;
using Unlearn.Transforms.Pipeline.Persistence;

namespace Unlearn.Transforms;

/// <summary>Loads saved models with errors that say what is wrong. <c>mlContext.Model.Load</c> hides them inside a TargetInvocationException.</summary>
public static class UnlearnModel
{
    private const int LongestReason = 2000;

    /// <summary>Loads a model that ML.NET saved, with or without transformers of this library.</summary>
    /// <param name="mlContext">The ML context.</param>
    /// <param name="path">Path of the file.</param>
    /// <param name="inputSchema">Schema of the model's input.</param>
    /// <exception cref="IOException">There is no such file, or it cannot be opened.</exception>
    /// <exception cref="FormatException">The file is no model, or it is damaged: the message says where.</exception>
    /// <exception cref="InvalidOperationException">
    /// This process lacks something that the model names: a custom architecture, a factor or a kind of target that was never registered.
    /// </exception>
    /// <exception cref="NotSupportedException">The process has loaded a version of Microsoft.ML that lacks what saved models need.</exception>
    public static ITransformer Load(MLContext mlContext, string path, out DataViewSchema inputSchema)
    {
        ArgumentNullException.ThrowIfNull(mlContext);
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var file = File.OpenRead(path);
        return LoadFrom(mlContext, file, path, out inputSchema);
    }

    /// <summary>
    /// Checks a model file as a whole: hashes, sizes, weights, trees and statistics. It is loaded and freed again; nothing is computed but the factors of
    /// two rows of zeros.
    /// </summary>
    /// <param name="path">Path of the file.</param>
    /// <inheritdoc cref="Load" path="/exception"/>
    public static void Verify(string path) => (Load(new MLContext(0), path, out _) as IDisposable)?.Dispose();

    internal static ITransformer LoadFrom(MLContext mlContext, Stream file, string path, out DataViewSchema inputSchema)
    {
        try
        {
            return mlContext.Model.Load(file, out inputSchema) ?? throw new FormatException("There is no transformer in it.");
        }
        catch (Exception cause)
        {
            // What a loader of ours throws comes in wrappers; ML.NET's own loaders throw anything.
            var inner = cause;
            while (inner is TargetInvocationException { InnerException: { } wrapped })
                inner = wrapped;
            if (inner is UnknownPartException or OperationCanceledException || inner is NotSupportedException && inner != cause)
                ExceptionDispatchInfo.Throw(inner);
            throw new FormatException($"Model file '{path}' cannot be loaded. {inner.Message[..Math.Min(inner.Message.Length, LongestReason)]}", cause);
        }
    }
}
