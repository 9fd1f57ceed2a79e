using System.Security.Cryptography;
using System.Text;

namespace Unlearn.MLNet.Reports.Rows;

/// <summary>The report's only script, which searches, sorts and shows its rows.</summary>
internal static class RowScript
{
    /// <summary>The script.</summary>
    public static string Text { get; } = Read();

    /// <summary>Its hash, as a content security policy names it: browsers run no other script.</summary>
    public static string Hash { get; } = $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Text)))}";

    private static string Read()
    {
        using var reader = new StreamReader(typeof(RowScript).Assembly.GetManifestResourceStream("Unlearn.MLNet.Reports.Rows.rows.js")!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
