using System.Reflection;

namespace Unlearn.Transforms.Interop;

/// <summary>A kind of saved model of ours.</summary>
/// <param name="What">What is saved, in the plural, for errors.</param>
/// <param name="Signature">What the file begins with: 8 characters.</param>
/// <param name="Version">Version that is written.</param>
/// <param name="OldestReadable">Oldest version that is read, and oldest reader that understands what is written.</param>
/// <param name="Loader">Signature of the loader, as in the assembly's <c>LoadableClass</c>.</param>
/// <param name="Assembly">The assembly of the loader, which ML.NET loads by its name.</param>
internal sealed record SavedKind(string What, string Signature, uint Version, uint OldestReadable, string Loader, Assembly Assembly)
{
    public FormatException Damaged(string what) => new($"The saved {What} are damaged ({what}): save the model again.");
}
